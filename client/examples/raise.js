// node raise.js, with the service's address in INTAKE_URL and an access token in INTAKE_TOKEN
import { IssueIntake } from 'issue-intake-client';

const intake = new IssueIntake({
  url: process.env.INTAKE_URL ?? 'http://127.0.0.1:3000',
  token: process.env.INTAKE_TOKEN ?? '',
});

const { value: organization } = await intake.organizations().next();
if (organization === undefined) throw new Error('no organization takes issues');
const { submissionId } = await intake.raise({ organizationId: organization.id, title: 'The tap drips' });
console.log(`accepted as ${submissionId}`);

const { issue, error } = await intake.outcome(submissionId);
console.log(issue ? `applied as issue #${issue.number}` : `refused: ${error.code}`);
