"""Pages of the local mailbox; only an embedded install has them."""

from django.urls import path

from crm.runtime.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<slug:name>/", views.mail, name="mail"),
    path("<slug:name>/html/", views.html, name="html"),
    path("<slug:name>/source/", views.source, name="source"),
    path("<slug:name>/part/<int:number>/", views.part, name="part"),
]
