"""Pages that show all apps together."""

from django.urls import path

from crm.home import style, views
from crm.home.guide import views as guide
from crm.home.health import views as health
from crm.home.plan import views as plan

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("map/", plan.plan, name="plan"),
    path("map/flow.csv", plan.flow_csv, name="plan-flow"),
    path("map/<int:stage_id>/", plan.stage_plan, name="plan-stage"),
    path("style/", style.style, name="style"),
    path("help/", guide.cover, name="guide"),
    path("help/<slug:key>/", guide.page, name="guide-page"),
    path("help/pictures/<slug:name>.webp", guide.picture, name="guide-picture"),
    path("health/", health.page, name="health"),
    path("health/retry/", health.retry, name="health-retry"),
    path("health/restored/", health.restored_page, name="health-restored"),
    path("health/wake/", health.wake, name="health-wake"),
]
