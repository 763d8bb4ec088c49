"""Keys of chats, mail and telephones; addresses to which whoever knows them may write."""

from occasio_secrets.pattern import form, inner

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_URL_END = "(?![A-Za-z0-9_-])"

MESSAGES = (
    # Numbers and letters in groups; the digit at the beginning keeps `xoxb-your-token-here` out.
    form("slack-token", "xoxa- xoxb- xoxc- xoxo- xoxp- xoxr- xoxs-", "[0-9][A-Za-z0-9-]{9,}", end=""),
    form("slack-token", "xoxe- xoxe.xoxb- xoxe.xoxp- xoxe.xoxe-", "[0-9][A-Za-z0-9-]{9,}", end=""),
    form("slack-token", "xoxd-", "[A-Za-z0-9%/+=_-]{40,300}", end=""),
    form("slack-token", "xapp-", "[0-9]-[A-Z0-9]{8,14}-[0-9]{8,14}-[0-9a-f]{32,80}"),
    form("slack-token", "xwfp-", "[0-9][A-Za-z0-9-]{9,}", end=""),
    form(
        "slack-webhook",
        "hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/",
        r"[A-Za-z0-9_]{8,14}/[A-Za-z0-9_]{8,20}/[A-Za-z0-9_/]{20,60}",
    ),
    form(
        "slack-webhook", "hooks.slack-gov.com/services/", r"[A-Za-z0-9_]{8,14}/[A-Za-z0-9_]{8,14}/[A-Za-z0-9_]{20,60}"
    ),
    form(
        "discord-webhook",
        "discord.com/api/webhooks/ discordapp.com/api/webhooks/",
        r"[0-9]{17,20}/[A-Za-z0-9_-]{60,100}",
        end=_URL_END,
    ),
    form(
        "discord-webhook",
        "discord.com/api/v10/webhooks/ discord.com/api/v9/webhooks/",
        r"[0-9]{17,20}/[A-Za-z0-9_-]{60,100}",
        end=_URL_END,
    ),
    # The bot's number in base64, when it was made, and a digest of both with a key.
    inner(
        "discord-token",
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]",
        ".",
        (24, 26, 25, 28, 27, 23),
        r"[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
        end=_URL_END,
    ),
    form("discord-token", "mfa.", "[A-Za-z0-9_-]{84}", end=_URL_END),
    # The bot's number and 35 characters.
    inner("telegram-token", ":A[A-Z]", ":A", (10, 9, 8), r"[0-9]{8,10}:A[A-Z][A-Za-z0-9_-]{33}", end=_URL_END),
    form(
        "teams-webhook",
        ".webhook.office.com/webhookb2/",
        rf"{_UUID}@{_UUID}/IncomingWebhook/[0-9a-f]{{32}}/{_UUID}",
        after=frozenset(),
    ),
    form("zapier-webhook", "hooks.zapier.com/hooks/catch/", r"[0-9]{4,12}/[A-Za-z0-9]{5,12}"),
    form("twilio-key", "SK0 SK1 SK2 SK3 SK4 SK5 SK6 SK7 SK8 SK9 SKa SKb SKc SKd SKe SKf", "[0-9a-f]{31}"),
    form("sendgrid-key", "SG.", r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", end=_URL_END),
    form("mailgun-key", "key-", "[0-9a-f]{32}"),
    inner("mailgun-key", "-[0-9a-f]{8}-[0-9a-f]{8}", "-", (32,), "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}", end=_URL_END),
    inner("mailchimp-key", "-us[0-9]", "-us", (32,), "[0-9a-f]{32}-us[0-9]{1,2}"),
    form("mailersend-token", "mlsn.", "[0-9a-f]{64}"),
    form("brevo-key", "xkeysib- xsmtpsib-", "[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    form("resend-key", "re_", "[A-Za-z0-9]{8}_[A-Za-z0-9]{22,26}"),
    form("mandrill-key", "md-", "[A-Za-z0-9_-]{22}", end=_URL_END),
    form("facebook-token", "EAA", "[A-Za-z0-9]{80,400}"),
    form("instagram-token", "IGQ IGA", "[A-Za-z0-9_-]{100,400}"),
    # Its number in base64 begins with nothing: the hint is where that ends.
    inner("twitter-bearer", "A{18}[B-Zb-z0-9%]", "AA", (0, 1, 2, 3, 4), "A{18,22}[B-Zb-z0-9%][A-Za-z0-9%]{60,120}"),
    form("intercom-token", "dG9rOg", "[A-Za-z0-9+/]{40,60}={0,2}", end="(?![A-Za-z0-9+/=])"),
)
