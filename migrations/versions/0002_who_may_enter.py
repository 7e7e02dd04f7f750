"""Who may enter, the documentation base, announcements, groups of reports, the mails of accounts, alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.infra import search
from app.kernel.reference import new_reference

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proconnect_exchange",
        sa.Column("state_digest", sa.String(length=64), nullable=False),
        sa.Column("browser_digest", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_proconnect_exchange")),
    )
    with op.batch_alter_table("proconnect_exchange", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_proconnect_exchange_browser_digest"), ["browser_digest"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_proconnect_exchange_created_at"), ["created_at"], unique=False)

    op.create_table(
        "trace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trace", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column(
            "details",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace")),
    )
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.create_index("ix_trace_partner", ["partner_id", "id"], unique=False)
        batch_op.create_index("ix_trace_recorded_at", ["recorded_at"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("backup_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_absence_account_id")),
        sa.ForeignKeyConstraint(["backup_id"], ["account.id"], name=op.f("fk_absence_backup_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_absence_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("reference", name=op.f("uq_absence_reference")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_account", ["partner_id", "account_id", "first_day"], unique=False)
        batch_op.create_index("ix_absence_backup", ["partner_id", "backup_id"], unique=False)

    op.create_table(
        "alert_digest",
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_alert_digest_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "day", name=op.f("pk_alert_digest")),
    )
    op.create_table(
        "announcement_preference",
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("mail", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_announcement_preference_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_announcement_preference")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("organization", sa.String(length=120), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_arrival_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("account_id", name=op.f("uq_arrival_account_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_arrival_reference")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_arrival_last_seen_at"), ["last_seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_arrival_siret"), ["siret"], unique=False)

    op.create_table(
        "catalogue_retirement",
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_catalogue_retirement_partner_id")
        ),
        sa.PrimaryKeyConstraint("partner_id", "kind", "code", name=op.f("pk_catalogue_retirement")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_closure_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index("ix_closure_partner", ["partner_id", "first_day"], unique=False)

    op.create_table(
        "deed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_deed_account_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_deed_partner_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_deed_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.create_index("ix_deed_account", ["partner_id", "account_id", "id"], unique=False)

    op.create_table(
        "federated_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_federated_identity_account_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "sub", name=op.f("pk_federated_identity")),
    )
    with op.batch_alter_table("federated_identity", schema=None) as batch_op:
        batch_op.create_index("ix_federated_identity_account_id", ["account_id"], unique=False)

    op.create_table(
        "feed_link",
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_feed_link_account_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_feed_link_partner_id")),
        sa.PrimaryKeyConstraint("account_id", "partner_id", name=op.f("pk_feed_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_feed_link_token_digest")),
    )
    op.create_table(
        "form_draft",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_form_draft_account_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_form_draft_partner_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_form_draft")),
    )
    with op.batch_alter_table("form_draft", schema=None) as batch_op:
        batch_op.create_index("ix_form_draft_account_id", ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_form_draft_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "mail_preference",
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("pace", sa.String(length=16), nullable=False),
        sa.Column(
            "hours",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mail_preference_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_preference")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_link_account_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_one_time_link")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index("ix_one_time_link_account_id", ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "code_digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "review_reminder",
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_review_reminder_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_review_reminder")),
    )
    op.create_table(
        "rights_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("structure_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rights_change_account_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_rights_change_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_change")),
    )
    with op.batch_alter_table("rights_change", schema=None) as batch_op:
        batch_op.create_index("ix_rights_change_account", ["partner_id", "account_id", "id"], unique=False)

    op.create_table(
        "search_miss",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("asked", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_search_miss_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_miss")),
        sa.UniqueConstraint("partner_id", "words", name=op.f("uq_search_miss_partner_id_words")),
    )
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed_secret", sa.String(length=300), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "stay",
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_stay_account_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_stay_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "account_id", name=op.f("pk_stay")),
    )
    op.create_table(
        "structure_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_structure_import_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure_import")),
        sa.UniqueConstraint(
            "partner_id", "account_id", name=op.f("uq_structure_import_partner_id_account_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_structure_import_public_id")),
    )
    with op.batch_alter_table("structure_import", schema=None) as batch_op:
        batch_op.create_index("ix_structure_import_created_at", ["created_at"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock", sa.String(length=32), nullable=False),
        sa.Column("applies_to", sa.String(length=32), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_alert_partner_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_alert_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "subject_id",
            "clock",
            "applies_to",
            "threshold",
            name=op.f("uq_alert_subject_id_clock_applies_to_threshold"),
        ),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alert_to_tell",
            ["tell_at"],
            unique=False,
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    op.create_table(
        "article",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_article_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_article_owner_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_article_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("partner_id", "slug", name=op.f("uq_article_partner_id_slug")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index("ix_article_review", ["review_on"], unique=False)
        batch_op.create_index("ix_article_state", ["partner_id", "state", "kind"], unique=False)

    op.create_table(
        "configuration_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("convention_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "changes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_configuration_change_convention_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_configuration_change_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_change")),
        sa.UniqueConstraint(
            "partner_id",
            "subject",
            "sequence",
            name=op.f("uq_configuration_change_partner_id_subject_sequence"),
        ),
    )
    with op.batch_alter_table("configuration_change", schema=None) as batch_op:
        batch_op.create_index(
            "ix_configuration_change_convention", ["partner_id", "convention_id"], unique=False
        )

    op.create_table(
        "contact_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("convention_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "changes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("set_aside", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["convention.id"], name=op.f("fk_contact_notice_convention_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_contact_notice_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_notice")),
        sa.UniqueConstraint("convention_id", "number", name=op.f("uq_contact_notice_convention_id_number")),
    )
    op.create_table(
        "cssi_notice",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("absence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_cssi_notice_account_id")),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_cssi_notice_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_cssi_notice_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cssi_notice")),
    )
    with op.batch_alter_table("cssi_notice", schema=None) as batch_op:
        batch_op.create_index("ix_cssi_notice_partner", ["partner_id", "account_id"], unique=False)

    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("mailbox", sa.String(length=200), nullable=False),
        sa.Column("uid_validity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("ft_kind", sa.String(length=32), nullable=True),
        sa.Column("ft_reference", sa.String(length=80), nullable=False),
        sa.Column(
            "files",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("dealt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dealt_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbound_mail_account_id")),
        sa.ForeignKeyConstraint(["dealt_by"], ["account.id"], name=op.f("fk_inbound_mail_dealt_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_inbound_mail_partner_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_inbound_mail_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_inbound_mail_fingerprint")),
        sa.UniqueConstraint(
            "mailbox", "uid_validity", "uid", name=op.f("uq_inbound_mail_mailbox_uid_validity_uid")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_inbound_mail_reference")),
    )
    with op.batch_alter_table("inbound_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbound_mail_partner", ["partner_id", "status", "received_at"], unique=False
        )
        batch_op.create_index("ix_inbound_mail_sender", ["sender", "fetched_at"], unique=False)
        batch_op.create_index("ix_inbound_mail_status", ["status", "attempts", "id"], unique=False)

    op.create_table(
        "review_campaign",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "content",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_review_campaign_closed_by")),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_review_campaign_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_review_campaign_partner_id")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_review_campaign_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_campaign")),
        sa.UniqueConstraint("partner_id", "number", name=op.f("uq_review_campaign_partner_id_number")),
    )
    op.create_table(
        "alert_notice",
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_alert_notice_account_id")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_notice_alert_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_alert_notice_partner_id")),
        sa.PrimaryKeyConstraint("alert_id", "account_id", name=op.f("pk_alert_notice")),
    )
    with op.batch_alter_table("alert_notice", schema=None) as batch_op:
        batch_op.create_index("ix_alert_notice_told", ["account_id", "told_at"], unique=False)
        batch_op.create_index(
            "ix_alert_notice_waiting",
            ["partner_id", "account_id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "announcement",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("for_all_tools", sa.Boolean(), nullable=False),
        sa.Column("for_all_structures", sa.Boolean(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_kept", sa.Boolean(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("news_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["subject.id"], name=op.f("fk_announcement_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_announcement_partner_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_announcement_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("reference", name=op.f("uq_announcement_reference")),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_announcement_mail",
            ["id"],
            unique=False,
            sqlite_where=sa.text("mail_sequence IS NOT NULL"),
            postgresql_where=sa.text("mail_sequence IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_announcement_shown", ["partner_id", "state", "publish_at", "id"], unique=False
        )
        batch_op.create_index("ix_announcement_starts", ["partner_id", "starts_at"], unique=False)
        batch_op.create_index("ix_announcement_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "article_helped",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_article_helped_account_id")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_helped_article_id")),
        sa.PrimaryKeyConstraint("article_id", "account_id", name=op.f("pk_article_helped")),
    )
    op.create_table(
        "article_revision",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_revision_article_id")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_article_revision_author_id")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_article_revision")),
    )
    op.create_table(
        "article_tool",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tool_code", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_tool_article_id")),
        sa.PrimaryKeyConstraint("article_id", "tool_code", name=op.f("pk_article_tool")),
    )
    with op.batch_alter_table("article_tool", schema=None) as batch_op:
        batch_op.create_index("ix_article_tool_tool", ["tool_code", "article_id"], unique=False)

    op.create_table(
        "article_use",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("use", sa.String(length=16), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_article_use_account_id")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_use_article_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_article_use_partner_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_article_use_subject_id")),
        sa.PrimaryKeyConstraint("article_id", "subject_id", "use", name=op.f("pk_article_use")),
    )
    with op.batch_alter_table("article_use", schema=None) as batch_op:
        batch_op.create_index("ix_article_use_subject", ["partner_id", "subject_id"], unique=False)

    op.create_table(
        "deflection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tool_code", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(article_id IS NULL) <> (ticket_id IS NULL)", name=op.f("ck_deflection_one_answer")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_deflection_account_id")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_deflection_article_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_deflection_partner_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_deflection_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deflection")),
    )
    with op.batch_alter_table("deflection", schema=None) as batch_op:
        batch_op.create_index("ix_deflection_account_id", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_deflection_article_id", ["article_id"], unique=False)
        batch_op.create_index("ix_deflection_at", ["partner_id", "at"], unique=False)
        batch_op.create_index("ix_deflection_ticket_id", ["ticket_id"], unique=False)

    op.create_table(
        "review_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("structure_name", sa.String(length=200), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_review_line_account_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["review_campaign.id"], name=op.f("fk_review_line_campaign_id")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_review_line_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_line")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_review_line_campaign_id_number")),
    )
    with op.batch_alter_table("review_line", schema=None) as batch_op:
        batch_op.create_index("ix_review_line_membership", ["membership_id"], unique=False)

    op.create_table(
        "ticket_workaround",
        sa.Column(
            "ticket_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("article", sa.String(length=80), nullable=False),
        sa.Column("article_title", sa.String(length=160), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_ticket_workaround_partner_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_workaround_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_workaround")),
    )
    with op.batch_alter_table("ticket_workaround", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_workaround_partner", ["partner_id", "since"], unique=False)

    op.create_table(
        "announcement_reading",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_announcement_reading_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_announcement_reading_announcement_id")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "account_id", name=op.f("pk_announcement_reading")),
    )
    op.create_table(
        "announcement_structure",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("structure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_announcement_structure_announcement_id")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name=op.f("fk_announcement_structure_structure_id")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "structure_id", name=op.f("pk_announcement_structure")),
    )
    op.create_table(
        "announcement_tool",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tool_code", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_announcement_tool_announcement_id")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "tool_code", name=op.f("pk_announcement_tool")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reference", sa.String(length=16), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_account_reference"), ["reference"])

    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alerts", sa.String(length=60), nullable=True))

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("side", sa.String(length=16), nullable=True))

    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_alert_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_deadline_missed",
            ["partner_id", "subject_id"],
            unique=False,
            sqlite_where=sa.text("stopped_at > due_at AND cancelled_at IS NULL"),
            postgresql_where=sa.text("stopped_at > due_at AND cancelled_at IS NULL"),
        )
        batch_op.create_index(
            "ix_deadline_next_alert",
            ["next_alert_at"],
            unique=False,
            sqlite_where=sa.text("next_alert_at IS NOT NULL"),
            postgresql_where=sa.text("next_alert_at IS NOT NULL"),
        )

    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("error", sa.String(length=120), server_default="", nullable=False))

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("method", sa.String(length=20), server_default="local", nullable=False))
        batch_op.add_column(sa.Column("acr", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("id_token", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=120), server_default="", nullable=False))

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("in_force_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("path", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("family", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("unwanted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.alter_column(
            "partner_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
        batch_op.alter_column(
            "subject_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
        batch_op.alter_column(
            "sequence", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
        batch_op.create_index("ix_outbox_digest", ["digest_id"], unique=False)
        batch_op.create_index("ix_outbox_held", ["held_until"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_outbox_digest_id"), "outbox", ["digest_id"], ["id"])

    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key("fk_platform_partner_id", "partner", ["partner_id"], ["id"])

    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("siret", sa.String(length=14), nullable=True))
        batch_op.create_index(batch_op.f("ix_structure_siret"), ["siret"], unique=False)

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("duplicate_of", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("reports_count", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("transmitted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_ticket_group",
            ["partner_id", "duplicate_of"],
            unique=False,
            sqlite_where=sa.text("duplicate_of IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_ongoing",
            ["partner_id", "reports_count", "filed_at", "id"],
            unique=False,
            sqlite_where=sa.text("incident_type IS NOT NULL AND closed_at IS NULL AND duplicate_of IS NULL"),
            postgresql_where=sa.text(
                "incident_type IS NOT NULL AND closed_at IS NULL AND duplicate_of IS NULL"
            ),
        )

    with op.batch_alter_table("tool", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key("fk_tool_partner_id", "partner", ["partner_id"], ["id"])
    _name_accounts()
    # The index of tickets has changed its form too: `flask tickets rebuild` fills it again.
    search.drop(op.get_bind(), search.TICKETS)
    for kind in search.KINDS:
        search.create(op.get_bind(), kind)


def _name_accounts() -> None:
    connection = op.get_bind()
    for (key,) in connection.execute(sa.text("SELECT id FROM account")).all():
        connection.execute(
            sa.text("UPDATE account SET reference = :reference WHERE id = :key"),
            {"reference": new_reference(), "key": key},
        )


def downgrade() -> None:
    for kind in (search.ARTICLES, search.ANNOUNCEMENTS):
        search.drop(op.get_bind(), kind)
    op.execute("DELETE FROM outbox WHERE subject_id IS NULL")
    op.execute("DELETE FROM platform WHERE partner_id IS NOT NULL")
    op.execute("DELETE FROM tool WHERE partner_id IS NOT NULL")
    with op.batch_alter_table("tool", schema=None) as batch_op:
        batch_op.drop_constraint("fk_tool_partner_id", type_="foreignkey")
        batch_op.drop_column("partner_id")

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_ongoing",
            sqlite_where=sa.text("incident_type IS NOT NULL AND closed_at IS NULL AND duplicate_of IS NULL"),
            postgresql_where=sa.text(
                "incident_type IS NOT NULL AND closed_at IS NULL AND duplicate_of IS NULL"
            ),
        )
        batch_op.drop_index(
            "ix_ticket_group",
            sqlite_where=sa.text("duplicate_of IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of IS NOT NULL"),
        )
        batch_op.drop_column("transmitted_at")
        batch_op.drop_column("reports_count")
        batch_op.drop_column("duplicate_of")

    with op.batch_alter_table("structure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_structure_siret"))
        batch_op.drop_column("siret")

    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.drop_constraint("fk_platform_partner_id", type_="foreignkey")
        batch_op.drop_column("partner_id")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outbox_digest_id"), type_="foreignkey")
        batch_op.drop_index("ix_outbox_held")
        batch_op.drop_index("ix_outbox_digest")
        batch_op.alter_column(
            "sequence", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        )
        batch_op.alter_column(
            "subject_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        )
        batch_op.alter_column(
            "partner_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        )
        batch_op.drop_column("unwanted")
        batch_op.drop_column("digest_id")
        batch_op.drop_column("held_until")
        batch_op.drop_column("family")
        batch_op.drop_column("bounced_at")
        batch_op.drop_column("path")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("warned_at")
        batch_op.drop_column("in_force_since")
        batch_op.drop_column("suspended_at")

    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_column("device")
        batch_op.drop_column("id_token")
        batch_op.drop_column("proven_at")
        batch_op.drop_column("acr")
        batch_op.drop_column("method")

    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_column("error")

    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deadline_next_alert",
            sqlite_where=sa.text("next_alert_at IS NOT NULL"),
            postgresql_where=sa.text("next_alert_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_deadline_missed",
            sqlite_where=sa.text("stopped_at > due_at AND cancelled_at IS NULL"),
            postgresql_where=sa.text("stopped_at > due_at AND cancelled_at IS NULL"),
        )
        batch_op.drop_column("next_alert_at")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("side")

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_column("alerts")

    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.drop_column("removed_at")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_account_reference"), type_="unique")
        batch_op.drop_column("reference")
        batch_op.drop_column("last_login_at")

    op.drop_table("announcement_tool")
    op.drop_table("announcement_structure")
    op.drop_table("announcement_reading")
    with op.batch_alter_table("ticket_workaround", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_workaround_partner")

    op.drop_table("ticket_workaround")
    with op.batch_alter_table("review_line", schema=None) as batch_op:
        batch_op.drop_index("ix_review_line_membership")

    op.drop_table("review_line")
    with op.batch_alter_table("deflection", schema=None) as batch_op:
        batch_op.drop_index("ix_deflection_ticket_id")
        batch_op.drop_index("ix_deflection_at")
        batch_op.drop_index("ix_deflection_article_id")
        batch_op.drop_index("ix_deflection_account_id")

    op.drop_table("deflection")
    with op.batch_alter_table("article_use", schema=None) as batch_op:
        batch_op.drop_index("ix_article_use_subject")

    op.drop_table("article_use")
    with op.batch_alter_table("article_tool", schema=None) as batch_op:
        batch_op.drop_index("ix_article_tool_tool")

    op.drop_table("article_tool")
    op.drop_table("article_revision")
    op.drop_table("article_helped")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index("ix_announcement_ticket")
        batch_op.drop_index("ix_announcement_starts")
        batch_op.drop_index("ix_announcement_shown")
        batch_op.drop_index(
            "ix_announcement_mail",
            sqlite_where=sa.text("mail_sequence IS NOT NULL"),
            postgresql_where=sa.text("mail_sequence IS NOT NULL"),
        )

    op.drop_table("announcement")
    with op.batch_alter_table("alert_notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_alert_notice_waiting",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.drop_index("ix_alert_notice_told")

    op.drop_table("alert_notice")
    op.drop_table("review_campaign")
    with op.batch_alter_table("inbound_mail", schema=None) as batch_op:
        batch_op.drop_index("ix_inbound_mail_status")
        batch_op.drop_index("ix_inbound_mail_sender")
        batch_op.drop_index("ix_inbound_mail_partner")

    op.drop_table("inbound_mail")
    with op.batch_alter_table("cssi_notice", schema=None) as batch_op:
        batch_op.drop_index("ix_cssi_notice_partner")

    op.drop_table("cssi_notice")
    op.drop_table("contact_notice")
    with op.batch_alter_table("configuration_change", schema=None) as batch_op:
        batch_op.drop_index("ix_configuration_change_convention")

    op.drop_table("configuration_change")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("ix_article_state")
        batch_op.drop_index("ix_article_review")

    op.drop_table("article")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_alert_to_tell",
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    op.drop_table("alert")
    with op.batch_alter_table("structure_import", schema=None) as batch_op:
        batch_op.drop_index("ix_structure_import_created_at")

    op.drop_table("structure_import")
    op.drop_table("stay")
    op.drop_table("second_factor")
    op.drop_table("search_miss")
    with op.batch_alter_table("rights_change", schema=None) as batch_op:
        batch_op.drop_index("ix_rights_change_account")

    op.drop_table("rights_change")
    op.drop_table("review_reminder")
    op.drop_table("recovery_code")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_expires_at"))
        batch_op.drop_index("ix_one_time_link_account_id")

    op.drop_table("one_time_link")
    op.drop_table("mail_preference")
    with op.batch_alter_table("form_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_draft_expires_at"))
        batch_op.drop_index("ix_form_draft_account_id")

    op.drop_table("form_draft")
    op.drop_table("feed_link")
    with op.batch_alter_table("federated_identity", schema=None) as batch_op:
        batch_op.drop_index("ix_federated_identity_account_id")

    op.drop_table("federated_identity")
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.drop_index("ix_deed_account")

    op.drop_table("deed")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index("ix_closure_partner")

    op.drop_table("closure")
    op.drop_table("catalogue_retirement")
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_arrival_siret"))
        batch_op.drop_index(batch_op.f("ix_arrival_last_seen_at"))

    op.drop_table("arrival")
    op.drop_table("announcement_preference")
    op.drop_table("alert_digest")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_backup")
        batch_op.drop_index("ix_absence_account")

    op.drop_table("absence")
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.drop_index("ix_trace_recorded_at")
        batch_op.drop_index("ix_trace_partner")

    op.drop_table("trace")
    with op.batch_alter_table("proconnect_exchange", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proconnect_exchange_created_at"))
        batch_op.drop_index(batch_op.f("ix_proconnect_exchange_browser_digest"))

    op.drop_table("proconnect_exchange")
