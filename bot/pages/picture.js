// A picture for the hospital: made small in this browser before it goes out, so that it also leaves without what the
// phone wrote into it. The hospital looks at it and writes it anew as well.

const SIDE = 1280;
const MOST = 600 * 1024;

/** A JPEG as a data URI, or null where this browser cannot read the file. */
export async function shrink(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.82, 0.65, 0.45, 0.3]) {
      const uri = canvas.toDataURL("image/jpeg", quality);
      if (uri.length * 0.75 <= MOST) return uri;
    }
  } catch {
    // no picture, or of a kind that this browser does not know
  }
  return null;
}
