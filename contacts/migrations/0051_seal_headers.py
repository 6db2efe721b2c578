"""The secret headers of imports from an address, sealed: they stood in plain text."""

from django.db import migrations

from crm.kit.sealing import seal, unseal

_PURPOSE = "import source"  # contacts.imports.sources.SEALED_FOR


def _each(apps, change):
    sources = apps.get_model("contacts", "ImportSource").objects
    for source in sources.exclude(header_value="").order_by("pk"):
        sources.filter(pk=source.pk).update(header_value=change(source.header_value, _PURPOSE))


def _seal(apps, _schema):
    _each(apps, seal)


def _unseal(apps, _schema):
    _each(apps, unseal)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0050_sealed_header")]

    operations = [migrations.RunPython(_seal, _unseal)]
