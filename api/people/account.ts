import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { accountSourceSchema, type ListedPerson } from '#telemetry/accounts.ts'
import { personRoleSchema } from '#telemetry/people.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import { sessionEndSchema } from '#telemetry/session-end.ts'

/** A person as the store keeps them. */
export const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: personRoleSchema,
  source: accountSourceSchema,
  passwordHash: z.string().optional(),
  /** a one-time link that is out */
  invitation: z.object({ hash: z.string(), until: timestampSchema }).optional(),
  /** the last one-time link that is good no more, before its time, and why */
  spentInvitation: z.object({ hash: z.string(), why: z.enum(['used', 'replaced']) }).optional(),
  disabled: z.boolean(),
  /** grows when every session is to end: a session names the one it began with */
  generation: z.number().int(),
  /** why the sessions of the generation before ended; absent in accounts of older releases */
  endedBy: sessionEndSchema.optional(),
  createdAt: timestampSchema,
})
export type Account = z.infer<typeof accountSchema>

/** The admin who comes with the token of this installation; kept in the store only once their sessions were ended. */
export const firstAdmin: Account = {
  id: 'first-admin',
  name: 'admin',
  role: 'admin',
  source: 'token',
  disabled: false,
  generation: 0,
  createdAt: Date.UTC(2026, 0, 1),
}

/** A new id: letters and digits only, so that it fits in a cookie beside dots. */
export function newAccountId(): string {
  return randomBytes(9).toString('hex')
}

/** How names are compared: case and Unicode form do not count, compatibility characters (full width) among them. */
export function foldName(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase()
}

/** A person as the page of people shows them. */
export function listed({ id, name, role, source, disabled, passwordHash, createdAt }: Account): ListedPerson {
  const waiting = source === 'password' && passwordHash === undefined
  return { id, name, role, source, state: disabled ? 'disabled' : waiting ? 'invited' : 'active', createdAt }
}
