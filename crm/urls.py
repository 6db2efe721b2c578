"""Every page of Wayfare: one include per app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from crm.team import admin_doors

urlpatterns = [
    path("admin/login/", admin_doors.login),
    path("admin/logout/", admin_doors.logout),
    path("admin/password_change/", admin_doors.password),
    path("admin/<slug:app>/<slug:model>/<int:object_id>/history/", admin_doors.history),
    path("admin/", admin.site.urls),
    path("team/", include("crm.team.urls")),
    path("", include("crm.api.urls")),
    path("", include("contacts.urls")),
    path("", include("campaigns.urls")),
    path("", include("journeys.urls")),
    path("demo/", include("crm.runtime.demo.removal.urls")),
    path("", include("crm.home.urls")),
]
if settings.MAILBOX:
    urlpatterns.insert(0, path("mailbox/", include("crm.runtime.mailbox.urls")))
handler400 = "crm.home.views.bad_request"
handler500 = "crm.api.faults.server_error"
