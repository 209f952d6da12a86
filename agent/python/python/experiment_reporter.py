"""The name of the package before it was called argus."""

import warnings

from argus import *  # noqa: F403
from argus import __all__ as __all__
from argus import __version__ as __version__

warnings.warn(
    "experiment_reporter is now called argus: from argus import Reporter",
    DeprecationWarning,
    stacklevel=2,
)
