"""A question for advice that became a referral is erased with it."""

from alembic import op

revision = "intake_0060"
down_revision = "intake_0059"


def upgrade() -> None:
    op.execute(
        """
        -- A draft keeps its id when it is sent: it is the referral's.
        ALTER TABLE consultation
            ADD COLUMN referral_id uuid GENERATED ALWAYS AS (draft_id) STORED;
        CREATE INDEX consultation_of_referral
            ON consultation (referral_id) WHERE referral_id IS NOT NULL;
        ALTER TABLE consultation_words
            DROP CONSTRAINT consultation_words_consultation_id_fkey,
            ADD FOREIGN KEY (consultation_id) REFERENCES consultation ON DELETE CASCADE;
        ALTER TABLE consultation_mail
            DROP CONSTRAINT consultation_mail_consultation_id_fkey,
            ADD FOREIGN KEY (consultation_id) REFERENCES consultation ON DELETE CASCADE;
        UPDATE vault_key SET goes_with = draft_id
          FROM consultation
         WHERE vault_key.referral_id = consultation_id AND draft_id IS NOT NULL;
        """
    )
