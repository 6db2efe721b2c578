"""Pages that show all apps together."""

from django.urls import path

from crm.home import style, views
from crm.home.guide import views as guide
from crm.home.health import views as health

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("style/", style.style, name="style"),
    path("help/", guide.cover, name="guide"),
    path("help/<slug:key>/", guide.page, name="guide-page"),
    path("help/pictures/<slug:name>.webp", guide.picture, name="guide-picture"),
    path("health/", health.page, name="health"),
    path("health/retry/", health.retry, name="health-retry"),
    path("health/restored/", health.restored_page, name="health-restored"),
    path("health/wake/", health.wake, name="health-wake"),
]
