"""Reform Monitor: read, check, score and report administrative-reform indicators.

Start with :mod:`analysis.pipeline`; it names every step in order.
"""

import sys

# jsonschema imports this to check IRIs, if it is there: a second of every start, for a format that
# no schema of ours has. It is as if it were not there.
sys.modules.setdefault("rfc3987_syntax", None)
