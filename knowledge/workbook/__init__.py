"""The hospital as an Excel file, for staff who would rather edit tables than YAML.

`export_workbook` writes one sheet a kind; `import_workbook` compares the sheets with the folder cell by cell and
changes only what differs, so an unchanged export changes nothing and comments in the YAML stay. Nothing is written
while one problem remains; a problem is named by sheet, row and column.
"""

from knowledge.workbook.exporting import export_workbook
from knowledge.workbook.importing import import_workbook
from knowledge.workbook.outcome import Change, Import, SheetProblem

__all__ = ["Change", "Import", "SheetProblem", "export_workbook", "import_workbook"]
