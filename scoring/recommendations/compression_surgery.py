"""Cord compression: what the Rades score says of an operation (G1 3.5.3).

The groups are printed for the outcome of radiotherapy; stability is left to the SINS (C16). So no group makes an operation a
fault: it is to be justified, and a spine that is unstable justifies it.
"""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least, within

_operated = pl.col("compression_operated")
_unstable = Ground(
    "sins_unstable",
    at_least("sins", 13),
    Text("unstable spine (SINS of 13 or more)", "rachis instable (SINS de 13 ou plus)"),
)
_compression = partial(
    Recommendation, grain=Grain.CORD_COMPRESSION, domain=Domain.RADIOTHERAPY, strength=Strength.PERMISSIVE, source=Source(G1, "3.5.3"),
    mdt_against=pl.col("mdt_decision") == "surgery",
)  # fmt: skip
_given_local = V.given(("surgery", _operated), ("radiotherapy", pl.col("compression_irradiated")))
_rades = ("rades_min", "rades_max", "compression_operated", "compression_surgery_date")
_no_surgery = Text(f"no spinal surgery of the lesion in the {P.LOCAL_TREATMENT} days after", f"pas de chirurgie rachidienne de la lésion dans les {P.LOCAL_TREATMENT} jours")  # fmt: skip
_reading = Text("Score as it stood before the first local treatment.", "Score tel qu'il était avant le premier traitement local.")  # fmt: skip

RULES = (
    # Rades group I: an operation brings no benefit.
    _compression(
        id="G1-3.5.3-03",
        title=Text("Cord compression, Rades group I: no surgery", "Compression médullaire, groupe I de Rades : pas de chirurgie"),
        population=Text("cord compressions with a Rades score of 21 to 28", "compressions médullaires avec un score de Rades de 21 à 28"),
        action=_no_surgery,
        applies=within("rades", 21, 28), met=~_operated,
        judged_on=(*_rades, "sins_min", "mdt_decision"),
        vocabulary=V.CORD_COMPRESSION, recommended=("radiotherapy", "none"), given=_given_local,
        exceptions=(_unstable,),
        reading=_reading,
    ),
    # Rades group II: laminectomy brings no significant benefit.
    _compression(
        id="G1-3.5.3-05",
        title=Text("Cord compression, Rades group II: no laminectomy alone", "Compression médullaire, groupe II de Rades : pas de laminectomie seule"),
        population=Text("cord compressions with a Rades score of 29 to 37, operated", "compressions médullaires avec un score de Rades de 29 à 37, opérées"),
        action=Text("another operation than laminectomy, or laminectomy with stabilisation", "autre intervention qu'une laminectomie, ou laminectomie avec stabilisation"),
        applies=within("rades", 29, 37) & _operated, met=~pl.col("laminectomy_alone"),
        judged_on=(*_rades, "laminectomy_alone", "mdt_decision"),
        vocabulary=V.DECOMPRESSION, recommended=("other",), do_not=True,
        given=V.given(("laminectomy_alone", pl.col("laminectomy_alone")), ("other", _operated)),
        reading=Text("The text allows surgery: what it does not support is laminectomy without stabilisation (C16). Score as it stood before the first local treatment.",
                     "Le texte admet la chirurgie : ce qu'il ne soutient pas est la laminectomie sans stabilisation (C16). Score tel qu'il était avant le premier traitement local."),
    ),
    # Rades group III: the result is excellent without an operation.
    _compression(
        id="G1-3.5.3-07",
        title=Text("Cord compression, Rades group III: radiotherapy without surgery", "Compression médullaire, groupe III de Rades : radiothérapie sans chirurgie"),
        population=Text("cord compressions with a Rades score of 38 to 44", "compressions médullaires avec un score de Rades de 38 à 44"),
        action=_no_surgery,
        applies=within("rades", 38, 44), met=~_operated,
        judged_on=(*_rades, "sins_min", "worse_under_radiotherapy", "mdt_decision"),
        vocabulary=V.CORD_COMPRESSION, recommended=("radiotherapy", "none"), given=_given_local,
        exceptions=(
            _unstable,
            Ground("worse_under_radiotherapy", pl.col("worse_under_radiotherapy"), Text("motor function worse under radiotherapy", "aggravation motrice sous radiothérapie")),
        ),
        reading=_reading,
    ),
)  # fmt: skip
