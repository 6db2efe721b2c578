"""Pages of campaigns."""

from django.urls import URLPattern, URLResolver, path

from campaigns.campaign.urls import urlpatterns as campaigns
from campaigns.limits.urls import urlpatterns as limits
from campaigns.notices.urls import urlpatterns as notices
from campaigns.public import views as public
from campaigns.senders.urls import urlpatterns as senders
from campaigns.templating import views as templating
from campaigns.tracking import views as tracking
from campaigns.webhooks import views as webhooks

app_name = "campaigns"
urlpatterns: list[URLPattern | URLResolver] = [
    path("t/<path:rest>", tracking.hit),
    path("u/<str:token>", public.unsubscribe, name="unsubscribe"),
    path("v/<str:token>", public.view_in_browser, name="view_in_browser"),
    path("p/<str:token>", public.preferences, name="preferences"),
    path("webhooks/anymail/<slug:provider>/", webhooks.webhook, name="webhook"),
    path("mail/templates/<int:template_id>/small/", templating.thumbnail, name="template-thumbnail"),
    path("mail/pictures/<slug:key>", templating.picture, name="picture"),
    *campaigns,
    *senders,
    *limits,
    *notices,
]
