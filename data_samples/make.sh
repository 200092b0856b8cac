#!/bin/sh
# Makes the four sample extracts again, byte for byte: one synthetic network in four shapes.
set -eu
cd "$(dirname "$0")"
make_one() { # folder dialect format
    rm -rf "$1"
    ../.venv/bin/osteoconcord synth --quiet --patients 568 --centres 6 --seed 20220730 \
        --dialect "$2" --format "$3" --faults 0.005 --out "$1"
}
make_one fr_csv fr csv
make_one iso_csv iso csv
make_one xlsx fr xlsx
make_one parquet iso parquet
