"""The input data contract: every table and column, declared once.

From these declarations come the pandera schemas, the polars dtypes, the DuckDB tables, the data dictionary and
`osteoconcord contract`.
"""

from .condition import clinical_assessments, lab_results
from .drugs import drug_administrations, drug_prescriptions, supportive_care, systemic_therapy_lines
from .imaging import imaging_exams, imaging_findings
from .lesions import bone_lesions, lesion_assessments, spinal_assessments
from .local_treatment import procedures, radiotherapy_courses
from .model import Column, Table
from .pathway import consultations, deviations, mdt_meetings, trial_screenings
from .people import centres, patients, primary_tumours

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        centres,
        patients,
        primary_tumours,
        bone_lesions,
        lesion_assessments,
        spinal_assessments,
        clinical_assessments,
        imaging_exams,
        imaging_findings,
        lab_results,
        drug_administrations,
        drug_prescriptions,
        supportive_care,
        radiotherapy_courses,
        procedures,
        mdt_meetings,
        consultations,
        systemic_therapy_lines,
        trial_screenings,
        deviations,
    )
}
"""Table name -> table, parents before children."""

__all__ = ["TABLES", "Column", "Table"]
