"""Verbs on products. Called by pages, imports and the API."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.commerce.models import Product
from contacts.errors import Invalid, StaleEdit
from contacts.segments.touching import touch

_BUYERS = """
SELECT o.contact_id FROM contacts_orderline l JOIN contacts_order o ON o.id = l.order_id WHERE l.product_id = %s
"""


@dataclass(frozen=True)
class ProductProfile:
    """What can be edited of a product; `price` in the company's currency."""

    key: str
    name: str
    brand: str = ""
    category: str = ""
    price: Decimal | None = None
    picture: str = ""
    url: str = ""


@transaction.atomic
def save(profile: ProductProfile, product: Product | None = None, *, version: int | None = None) -> Product:
    """Create a product, or change the one given, and return it.

    Raises Invalid when its key is taken, and StaleEdit when `version` is given and no longer the stored one.
    """
    target = product or Product()
    if product is not None:
        target = Product.objects.select_for_update().get(pk=product.pk)
        if version is not None and target.version != version:
            raise StaleEdit(target)
        target.version += 1
    moved = bool(product) and (target.brand, target.category) != (profile.brand, profile.category)
    for name, value in asdict(profile).items():
        setattr(target, name, value)
    try:
        with transaction.atomic():
            target.save()
            if moved:
                touch("order.placed", _BUYERS, [target.pk])
    except IntegrityError as error:
        raise Invalid({"key": _("Another product has this key.")}) from error
    return target
