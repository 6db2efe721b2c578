"""Pages of contacts: one list of addresses per noun."""

from django.urls import URLPattern, URLResolver

from contacts.scoring.urls import urlpatterns as scores

app_name = "contacts"
urlpatterns: list[URLPattern | URLResolver] = [*scores]
