// The page's own words in the person's language. What stands in the HTML carries its Vietnamese in data-vi beside the
// Chinese; what the scripts say stands here. The hospital's words come in the person's language already.

const SAID = {
  pleaseAsk: ["请说要办的事", "Bạn cần gì?"],
  pleaseAskUnnamed: ["不留名，请说", "Không để tên, xin cứ viết"],
  sending: ["正在发送…", "Đang gửi…"],
  waiting: ["等网络好了就发出", "Sẽ gửi khi có mạng"],
  taken: ["已送达", "Đã gửi"],
  again: ["没发出去，点这里再发一次", "Chưa gửi được, bấm để gửi lại"],
  elsewhere: ["您在别的窗口也打开了问津，这里已停下。刷新页面可以接着用。", "Bạn đã mở trang này ở cửa sổ khác. Tải lại trang để dùng tiếp ở đây."],
  down: ["网络断了，正在重连。您的话会自动补发，不会丢。", "Mất mạng, đang nối lại. Lời bạn viết sẽ tự gửi, không mất."],
  slow: ["还在办，请稍等…", "Đang xử lý, xin chờ một chút…"],
  badPicture: ["这张图片打不开。请换一张 JPG 或 PNG 的，或者用文字告诉我。", "Không mở được ảnh này. Xin chọn ảnh JPG hoặc PNG khác, hoặc viết bằng chữ."],
  picture: ["（图片）", "(ảnh)"],
  staff: ["医院工作人员", "Nhân viên bệnh viện"],
  says: ["问津说：", "Wenjin nói: "],
  iSay: ["我说：", "Tôi nói: "],
  map: ["路线图", "Sơ đồ đường đi"],
  enlarge: ["看大图", "Xem ảnh lớn"],
  opensLarge: ["，点开看大图", ", bấm để xem lớn"],
  choose: ["可以直接选", "Có thể chọn ngay"],
  chosen: ["（已选）", "(đã chọn)"],
  aloud: ["朗读", "Đọc to"],
  stop: ["停下", "Dừng"],
  phone: ["电话", "Điện thoại"],
  noDictation: ["这台设备暂时不能语音输入，请打字。", "Thiết bị này chưa nhập được bằng giọng nói, xin hãy gõ chữ."],
  sure: ["确定清除？再点一次就清除", "Xóa thật chứ? Bấm lần nữa để xóa"],
};
const WEEKDAYS = { zh: "日一二三四五六", vi: ["chủ nhật", "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy"] };
const ATTRIBUTES = [["vi", "textContent"], ["viLabel", "aria-label"], ["viPlaceholder", "placeholder"]];
let language = "zh";

export const spoken = () => language;
export const voiceOf = () => ({ zh: "zh-CN", vi: "vi-VN" })[language];
export const say = (name) => SAID[name][language === "vi" ? 1 : 0];

/** `3月12日（周四）09:00`, `Thứ năm, 12/3, 09:00`. */
export function sayWhen(at) {
  const [day, time] = at.split("T");
  const [year, month, date] = day.split("-").map(Number);
  const weekday = WEEKDAYS[language][new Date(year, month - 1, date).getDay()];
  const hour = time.slice(0, 5);
  return language === "vi" ? `${weekday}, ${date}/${month}, ${hour}` : `${month}月${date}日（周${weekday}）${hour}`;
}

/** Turns the whole page into the language; other languages than these two read it in Chinese. */
export function speakLanguage(wanted) {
  const next = wanted === "vi" ? "vi" : "zh";
  if (next === language) return false;
  language = next;
  document.documentElement.lang = { zh: "zh-CN", vi: "vi" }[next];
  for (const [kept, attribute] of ATTRIBUTES) {
    for (const one of document.querySelectorAll(`[data-${kept.replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}]`)) {
      const zh = `zh${kept.slice(2)}`;
      const now = attribute === "textContent" ? one.textContent : one.getAttribute(attribute);
      one.dataset[zh] ??= now;
      const text = next === "vi" ? one.dataset[kept] : one.dataset[zh];
      if (attribute === "textContent") one.textContent = text;
      else one.setAttribute(attribute, text);
    }
  }
  return true;
}
