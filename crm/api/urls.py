"""The addresses of the API: /api/v1/ and its documentation."""

from django.urls import path

from crm.api import pages
from crm.api.verbs import verbs
from crm.api.view import Nowhere

app_name = "api"
urlpatterns = [
    path("api/docs/", pages.docs, name="docs"),
    path("api/v1/openapi.json", pages.document, name="openapi"),
    *verbs,
    path("api/v1/<path:rest>", Nowhere.as_view()),
    path("api/v1/", Nowhere.as_view()),
]
