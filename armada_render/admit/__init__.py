"""Stage 2: policies become defaulted, valid policies, or rejections that say why. Pure.

This is Karmada's admission: what its CRD defaults and mutating webhooks add, and what its
validating webhooks refuse. What the schema alone can refuse, decoding has refused already.
"""

from armada_render.admit.admission import Admitted, policies
from armada_render.admit.customizations import customization_problems
from armada_render.admit.inventory import AdmittedClusters, clusters

__all__ = ["Admitted", "AdmittedClusters", "clusters", "customization_problems", "policies"]
