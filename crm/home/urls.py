"""Pages that show all apps together."""

from django.urls import path

from crm.home import style, views
from crm.home.health import views as health

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("style/", style.style, name="style"),
    path("health/", health.page, name="health"),
    path("health/retry/", health.retry, name="health-retry"),
    path("health/restored/", health.restored_page, name="health-restored"),
    path("health/wake/", health.wake, name="health-wake"),
]
