# SPDX-License-Identifier: GPL-3.0-or-later
"""Both matrix products, which compute the same."""

import pytest

from quaternet_addon.core.networks.matrix_product import PRODUCTS


@pytest.fixture(params=sorted(PRODUCTS))
def product(request):
    return PRODUCTS[request.param]
