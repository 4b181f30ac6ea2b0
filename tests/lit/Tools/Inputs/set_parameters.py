"""set_parameters.py TABLE PARAMETERS: the tuning table with these parameters in each entry."""

import json
import sys

table = json.load(open(sys.argv[1]))
for kernels in table["cpus"].values():
    for entry in kernels.values():
        entry["parameters"] = json.loads(sys.argv[2])
print(json.dumps(table, indent=2))
