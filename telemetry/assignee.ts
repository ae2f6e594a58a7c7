import { z } from 'zod'
import { plainLine } from './plain-text.ts'
import { timestampSchema } from './reading-parts.ts'

/** To whom an alert is given: `person:{id of the account}` or `team:{id of the team}`. */
export const assigneeSchema = z.string().regex(/^(?:person|team):[a-z0-9-]{1,64}$/, 'must be person:{id} or team:{id}')
export type Assignee = z.infer<typeof assigneeSchema>

/** The assignee of a person's account. */
export const personAssignee = (account: string): Assignee => `person:${account}`

/** The assignee of a team. */
export const teamAssignee = (id: string): Assignee => `team:${id}`

/** In a filter of assignees: given to nobody. */
export const unassigned = 'nobody'

/** Name of a team, in one line. */
export const teamNameSchema = plainLine.min(1).max(64)

/** A team of the installation: people who are not named one by one, such as those who repair lamps. */
export const teamSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  name: z.string(),
  createdAt: timestampSchema,
})
export type Team = z.infer<typeof teamSchema>

/** Answer of `GET /api/v1/teams`, by name. */
export const teamsResponse = z.object({ teams: z.array(teamSchema) })

/** Body of `POST /api/v1/teams`, and of `PATCH /api/v1/teams/{id}`. */
export const teamBody = z.object({ name: teamNameSchema })

/** Somebody to whom an alert may be given, by the name of now. */
const namedAssigneeSchema = z.object({ to: assigneeSchema, name: z.string() })
export type NamedAssignee = z.infer<typeof namedAssigneeSchema>

/** Answer of `GET /api/v1/assignees`: to whom an alert may be given, by name. */
export const assigneesResponse = z.object({
  teams: z.array(namedAssigneeSchema),
  /** who is not disabled */
  people: z.array(namedAssigneeSchema),
})
export type AssigneesResponse = z.infer<typeof assigneesResponse>
