"""The program's version and the Karmada version whose behaviour it computes."""

__version__ = "0.1.0"
KARMADA_VERSION = "v1.19"
