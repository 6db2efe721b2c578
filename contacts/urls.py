"""Pages of contacts: one line per noun."""

from django.urls import URLPattern, URLResolver

from contacts.account_roles.urls import urlpatterns as account_roles
from contacts.acts.urls import urlpatterns as acts
from contacts.attributes.urls import urlpatterns as attributes
from contacts.commerce.urls import urlpatterns as commerce
from contacts.duplicates.urls import urlpatterns as duplicates
from contacts.exports.urls import urlpatterns as exports
from contacts.files.urls import urlpatterns as files
from contacts.habits.urls import urlpatterns as habits
from contacts.hooks.urls import urlpatterns as hooks
from contacts.imports.urls import urlpatterns as imports
from contacts.leads.urls import urlpatterns as leads
from contacts.lists.urls import urlpatterns as lists
from contacts.notes.urls import urlpatterns as notes
from contacts.opt_in.urls import urlpatterns as opt_in
from contacts.people.urls import urlpatterns as people
from contacts.privacy.urls import urlpatterns as privacy
from contacts.scoring.urls import urlpatterns as scores
from contacts.segments.urls import urlpatterns as segments
from contacts.stages.urls import urlpatterns as stages

app_name = "contacts"
urlpatterns: list[URLPattern | URLResolver] = [
    *people,
    *acts,
    *exports,
    *imports,
    *leads,
    *lists,
    *segments,
    *attributes,
    *account_roles,
    *duplicates,
    *stages,
    *commerce,
    *scores,
    *habits,
    *hooks,
    *opt_in,
    *privacy,
    *notes,
    *files,
]
