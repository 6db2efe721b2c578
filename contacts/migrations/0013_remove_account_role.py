from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_role_presets")]
    operations = [migrations.RemoveField(model_name="contact", name="account_role")]
