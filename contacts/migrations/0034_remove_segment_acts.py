from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0033_acts_on_many")]
    operations = [migrations.DeleteModel("SegmentAct")]
