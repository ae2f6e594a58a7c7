import {
  type Assignee,
  type AssigneesResponse,
  type NamedAssignee,
  personAssignee,
  teamAssignee,
} from '#telemetry/assignee.ts'
import type { People } from './people.ts'
import type { Teams } from './teams.ts'

interface AssigneeParts {
  people: Pick<People, 'get' | 'list'>
  teams: Pick<Teams, 'get' | 'list'>
}

/** Everybody to whom an alert may be given, by name: teams, and people who are not disabled. */
export function listAssignees({ people, teams }: AssigneeParts): AssigneesResponse {
  return {
    teams: teams.list().map(({ id, name }) => ({ to: teamAssignee(id), name })),
    people: people.list().flatMap(({ id, name, disabled }) => (disabled ? [] : [{ to: personAssignee(id), name }])),
  }
}

/** An assignee with the name of now; undefined when there is none, and for a person who is disabled. */
export function findAssignee(to: Assignee, { people, teams }: AssigneeParts): NamedAssignee | undefined {
  const [type, id = ''] = to.split(':')
  const found = type === 'team' ? teams.get(id) : people.get(id)
  return found && !('disabled' in found && found.disabled) ? { to, name: found.name } : undefined
}
