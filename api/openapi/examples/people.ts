import type { ListedKey, ListedPerson, NewKey, SignInBody } from '#telemetry/accounts.ts'
import { type AssigneesResponse, personAssignee, type Team, teamAssignee } from '#telemetry/assignee.ts'
import type { AuditLogResponse } from '#telemetry/audit-log.ts'
import { dayMs, minuteMs } from '#telemetry/durations.ts'
import type { Person } from '#telemetry/people.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAlert, exampleAt, exampleTeamName } from './shared.ts'

const id = '3184a65bf5b82a79cc'
const person = {
  id,
  name: 'An',
  role: 'operator',
  source: 'password',
  state: 'active',
  createdAt: exampleAt,
} satisfies ListedPerson
const invited = {
  person: { ...person, state: 'invited' },
  invitation: { token: `${id}.ONE-TIME-TOKEN`, until: exampleAt + 259_200_000 },
}
const session = {
  name: 'An',
  role: 'operator',
  account: id,
  rights: ['see', 'alerts:handle', 'shift:write', 'lamps:command', 'quarantine:see'],
} satisfies Person
const key = {
  id: '5f204acbef6e',
  name: 'grafana',
  by: 'Bình',
  rights: ['see', 'metrics:see'],
  createdAt: exampleAt,
  until: exampleAt + 30 * dayMs,
} satisfies ListedKey
const team = { id: '7c1d0e4f9a2b3c4d5e', name: exampleTeamName, createdAt: exampleAt } satisfies Team
const assignees = {
  teams: [{ to: teamAssignee(team.id), name: team.name }],
  people: [{ to: personAssignee(id), name: person.name }],
} satisfies AssigneesResponse
const password = 'a long phrase of my own'

const auditLog = {
  entries: [
    {
      id: 'ef54bca8-9493-4b54-9de3-099ef6a0fae0',
      at: exampleAt + 90_000,
      who: 'An',
      what: 'alert.acknowledge',
      target: exampleAlert.id,
      from: '10.20.0.5',
      detail: { comment: 'burning of straw nearby' },
    },
  ],
  truncated: false,
} satisfies AuditLogResponse

/** Of the routes about people, their sessions, keys, and what they did. */
export const peopleExamples: Readonly<Record<string, OperationExamples>> = {
  getSession: { answer: session },
  signIn: { body: { name: 'An', password } satisfies SignInBody, answer: session },
  acceptInvitation: { body: { token: invited.invitation.token, password }, answer: session },
  changePassword: { body: { current: password, password: 'another phrase of my own' } },
  listPeople: { answer: { people: [person] } },
  createPerson: { body: { name: 'An', role: 'operator' }, answer: invited },
  updatePerson: {
    parameters: { id },
    body: { role: 'engineer', disabled: false },
    answer: { ...person, role: 'engineer' },
  },
  createInvitation: { parameters: { id }, answer: invited },
  endSessionsOfPerson: { parameters: { id } },
  listAssignees: { answer: assignees },
  listTeams: { answer: { teams: [team] } },
  createTeam: { body: { name: team.name }, answer: team },
  renameTeam: { parameters: { id: team.id }, body: { name: team.name }, answer: team },
  removeTeam: { parameters: { id: team.id } },
  listKeys: { answer: { keys: [{ ...key, usedAt: exampleAt + minuteMs }] } },
  createKey: {
    body: { name: key.name, rights: key.rights, days: 30 } satisfies NewKey,
    answer: { key, token: `nhip_${key.id}_SECRET` },
  },
  revokeKey: { parameters: { id: key.id } },
  listAuditTrail: {
    parameters: { who: 'An', from: '2026-01-31T08:00:00+07:00', to: '2026-01-31T09:00:00+07:00', limit: 50 },
    answer: auditLog,
  },
}
