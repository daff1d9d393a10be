"""Attack on all published means of the editions, before and after linked suppression.

``PYTHONPATH=. python benchmarks/disclosure.py [YEAR …]``. *Before*: cells of fewer
than the minimum alone are hidden. Counted are cells that break the p % rule, differences
of unions of shown cells of two domains that are of too few firms, and cells that had to be hidden.
"""

import sys
import time

import numpy as np
from tests.survey import test_attack as attack

from analysis.survey import editions


def main(years: list[str]) -> None:
    for year in years:
        begun = time.process_time()
        held = editions.load(year)
        tables = held.tables
        after, answers = tables.estimates, tables.answers
        minimum = held.parameter("minimum_respondents")["value"]
        people = after["respondents"]
        before = after.assign(
            obs_status=np.select([people == 0, people < minimum], ["O", "Q"], default="A")
        )
        for name, estimates in (("before", before), ("after", after)):
            means = estimates[estimates["statistic"] != "median"]
            hidden = means["obs_status"].eq("Q").mean()
            print(
                f"{year} {name}: dominated {len(attack.dominated(estimates, answers))}, "
                f"of too few {len(attack.left_over(estimates, answers, minimum))}, "
                f"hidden {hidden:.1%} of {len(means)} means"
            )
        print(f"{year}: {time.process_time() - begun:.0f} s of CPU, tables included")


if __name__ == "__main__":
    main(sys.argv[1:] or ["2020", "2022"])
