"""All of actions in one step, for a database that begins now. One that began earlier goes by the steps that it replaces."""

import aar_site.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('actions', '0001_actions_and_reminders'), ('actions', '0002_status_in_the_sources_words'), ('actions', '0003_nudges_by_person_and_splits'), ('actions', '0004_actions_answer_causes')]

    initial = True

    dependencies = [
        ('aar_site', '__first__'),
        ('retros', '0001_reviews'),
    ]

    operations = [
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300, verbose_name='action')),
                ('owner_text', models.CharField(blank=True, max_length=120, verbose_name="owner, in the source's words")),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                ('due_text', models.CharField(blank=True, max_length=120, verbose_name="due, in the source's words")),
                ('size', models.CharField(blank=True, choices=[('S', 'S, hours'), ('M', 'M, days'), ('L', 'L, weeks')], max_length=1, verbose_name='size')),
                ('closed_when', models.TextField(blank=True, max_length=2000, verbose_name='closed when')),
                ('type', models.CharField(blank=True, choices=[('prevent', 'Prevent'), ('detect', 'Detect'), ('mitigate', 'Mitigate'), ('repair', 'Repair'), ('process', 'Process'), ('documentation', 'Documentation'), ('training', 'Training'), ('communicate', 'Communicate'), ('diagnose', 'Diagnose')], max_length=14, verbose_name='type')),
                ('strength', models.CharField(blank=True, choices=[('stronger', 'Stronger'), ('intermediate', 'Intermediate'), ('weaker', 'Weaker')], max_length=12, verbose_name='strength')),
                ('reference', models.CharField(blank=True, max_length=500, verbose_name='ticket or link')),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('committed', 'Committed'), ('in_progress', 'In progress'), ('blocked', 'Blocked'), ('done', 'Done'), ('checked', 'Effect checked'), ('dropped', 'Dropped')], default='proposed', max_length=12, verbose_name='status')),
                ('status_text', models.CharField(blank=True, max_length=60, verbose_name="status, in the source's words")),
                ('blocked_reason', models.TextField(blank=True, max_length=2000, verbose_name='what is in the way')),
                ('drop_reason', models.TextField(blank=True, max_length=2000, verbose_name='why it is dropped')),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='decided not to act: looked at again on')),
                ('evidence', models.TextField(blank=True, max_length=2000, verbose_name='evidence that it is done')),
                ('redated_count', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('committed_on', models.DateField(editable=False, null=True)),
                ('closed_at', models.DateTimeField(editable=False, null=True)),
                ('rank', models.PositiveIntegerField(default=0, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=aar_site.clock.now, editable=False)),
                ('cause', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='retros.whynode')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retros.event')),
                ('factor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='retros.factor')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('split_from', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='actions.action')),
            ],
            options={
                'ordering': ['rank', 'id'],
                'indexes': [models.Index(condition=models.Q(('status__in', ['committed', 'in_progress', 'blocked'])), fields=['due_on'], name='action_open_by_due'), models.Index(condition=models.Q(('status__in', ['committed', 'in_progress', 'blocked'])), fields=['owner', 'due_on'], name='action_open_by_owner'), models.Index(fields=['event'], name='action_by_event'), models.Index(fields=['closed_at'], name='action_by_close')],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='action_has_a_title', violation_error_message='Say what will be done.'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'committed', 'in_progress', 'blocked', 'done', 'checked', 'dropped'])), name='action_status_is_known'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'dropped']), models.Q(('due_on__isnull', False), ('owner__isnull', False), models.Q(('size', ''), _negated=True), models.Q(('closed_when', ''), _negated=True)), _connector='OR'), name='action_committed_is_complete', violation_error_message='A committed action has an owner, a date, a size and a sentence that says when it is closed.'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status__in', ['done', 'checked', 'dropped'])), models.Q(models.Q(('status__in', ['done', 'checked', 'dropped']), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='action_closed_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'dropped'), _negated=True), models.Q(('drop_reason', ''), _negated=True), _connector='OR'), name='action_dropped_has_a_reason', violation_error_message='Say why this is not done. It is a legal outcome.'), models.CheckConstraint(condition=models.Q(('review_on__isnull', True), ('status', 'dropped'), _connector='OR'), name='action_looked_at_again_was_dropped'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'blocked'), _negated=True), models.Q(('blocked_reason', ''), _negated=True), _connector='OR'), name='action_blocked_has_a_reason', violation_error_message='Say what is in the way.')],
            },
        ),
        migrations.CreateModel(
            name='Nudge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(verbose_name='the due date that it speaks of')),
                ('level', models.SmallIntegerField(verbose_name='days after the due date; negative before it')),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nudges', to='actions.action')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'action', 'due_on', 'level'), name='nudge_once_a_level')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('local_date', models.DateField()),
                ('kind', models.CharField(default='owner', max_length=20)),
                ('created_at', models.DateTimeField(default=aar_site.clock.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'local_date', 'kind'), name='reminder_once_a_day')],
            },
        ),
        migrations.AddField(
            model_name='nudge',
            name='reminder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='nudges', to='actions.reminder'),
        ),
    ]
