"""Pages of campaigns."""

from django.urls import URLPattern, URLResolver, path

from campaigns.templating import views as templating

app_name = "campaigns"
urlpatterns: list[URLPattern | URLResolver] = [
    path("mail/pictures/<slug:key>", templating.picture, name="picture"),
]
