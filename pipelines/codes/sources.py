"""The sources that the rows of the code systems were compared with: publisher, list, edition.

An active row names one or more of them, parted by "; ". Public copies of the lists were read.
"""

from __future__ import annotations

ICD_10 = "WHO: ICD-10, English titles C00-C96 (2010 or later), in a copy of the Samply project"
RECTUM_ICD_10 = "Finnish Cancer Registry: table of sites (rectum and rectosigmoid, C19-20)"
ICD_O_TOPOGRAPHY = "WHO: ICD-O-3, file of topography in English (2000)"
RECTUM_ICD_O = "Oklahoma Central Cancer Registry: SEER site groups (rectum and rectosigmoid junction, C199 and C209)"
ICD_O_MORPHOLOGY = "WHO: ICD-O-3, file of morphology in English (2000)"
ICD_O_31 = "NCI: Metathesaurus, titles of ICD-O-3.1 morphology (2011)"
LUNG_2004 = "IARC: PubCan, WHO classification of lung tumours (2004)"
SEER_LUNG = "NCI SEER: Solid Tumor Rules, lung, multiple primaries (2018)"
PDQ = "NCI: PDQ, WHO/IASLC histologic classification of non-small cell lung cancer"
IASLC = "IASLC/ATS/ERS: classification of lung adenocarcinoma, summary for resected specimens (2013)"
ATC = "WHO Collaborating Centre for Drug Statistics Methodology: ATC/DDD index (April 2026)"
DENOSUMAB_120 = "NICE: technology appraisal 265 (denosumab 120 mg, bone metastases)"
DENOSUMAB_60 = "Prolia 60 mg: summary of product characteristics (2013)"
CCAM = "CNAM: CCAM, version 67 (April 2021)"

SOURCES = (
    ICD_10,
    RECTUM_ICD_10,
    ICD_O_TOPOGRAPHY,
    RECTUM_ICD_O,
    ICD_O_MORPHOLOGY,
    ICD_O_31,
    LUNG_2004,
    SEER_LUNG,
    PDQ,
    IASLC,
    ATC,
    DENOSUMAB_120,
    DENOSUMAB_60,
    CCAM,
)
"""All of them: an active row names no other."""
