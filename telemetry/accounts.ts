import { z } from 'zod'
import { knownRightsSchema, maxPersonName, personRoleSchema, rightSchema } from './people.ts'
import { hasHidden } from './plain-text.ts'
import { timestampSchema } from './reading-parts.ts'

/** The form of a name of a person or a key. */
export const personNamePattern = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@-]{0,62}[\p{L}\p{M}\p{N}])?$/u

/** A name to sign in with: letters of any script, digits, inner blanks and a few signs. Upper and lower case are one. */
export const personNameSchema = z
  .string()
  .trim()
  .normalize('NFKC')
  .regex(personNamePattern, 'must be 1 to 64 letters, digits, inner blanks or . _ @ -')
  .refine((name) => !hasHidden(name), {
    message: 'may hold nothing that is not seen, and no piled marks',
    params: { fault: { code: 'HIDDEN_CHARACTERS', params: {} } },
  })

/** A password that somebody chooses. */
export const passwordSchema = z.string().min(12, 'must have at least 12 characters').max(200)

/** Where a person proves who they are: here by a password, at an OpenID provider, or by the token of this installation. */
export const accountSourceSchema = z.enum(['password', 'openid', 'token'])

/** A person as the page of people shows them. */
export const listedPersonSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: personRoleSchema,
  source: accountSourceSchema,
  /** `invited`: has a one-time link and no password yet */
  state: z.enum(['active', 'invited', 'disabled']),
  createdAt: timestampSchema,
})
export type ListedPerson = z.infer<typeof listedPersonSchema>

/** Answer of `GET /api/v1/people`, by name. */
export const peopleResponse = z.object({ people: z.array(listedPersonSchema) })

/** Body of `POST /api/v1/people`. */
export const newPersonBody = z.object({ name: personNameSchema, role: personRoleSchema })

/** Body of `PATCH /api/v1/people/{id}`. Either ends every session of that person. */
export const changedPersonBody = z.object({ role: personRoleSchema.optional(), disabled: z.boolean().optional() })

/** A one-time token with which a person chooses a password; it is shown once. */
export const invitationSchema = z.object({ token: z.string(), until: timestampSchema })

/** Answer of `POST /api/v1/people` and of `POST /api/v1/people/{id}/invitation`. */
export const invitedPersonResponse = z.object({ person: listedPersonSchema, invitation: invitationSchema })

/** Body of `POST /api/v1/session`: name and password, or a token. */
export const signInBody = z.union([
  z.object({ name: z.string().min(1).max(maxPersonName), password: z.string().min(1).max(1_024) }),
  z.object({ token: z.string().min(1).max(1_024) }),
])
export type SignInBody = z.infer<typeof signInBody>

/** Body of `POST /api/v1/session/invitation`: the one-time token and the password chosen. */
export const acceptInvitationBody = z.object({ token: z.string().min(1).max(1_024), password: passwordSchema })

/** Body of `PUT /api/v1/session/password`. */
export const changePasswordBody = z.object({ current: z.string().min(1).max(1_024), password: passwordSchema })

/** A key of a program as the page of keys shows it. */
export const listedKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** name of who made it; it dies with them */
  by: z.string(),
  rights: knownRightsSchema,
  createdAt: timestampSchema,
  until: timestampSchema,
  /** to the minute */
  usedAt: timestampSchema.optional(),
})
export type ListedKey = z.infer<typeof listedKeySchema>

/** Answer of `GET /api/v1/keys`, by name. */
export const keysResponse = z.object({ keys: z.array(listedKeySchema) })

/** most days a key lives */
export const maxKeyDays = 366

/** Body of `POST /api/v1/keys`: rights are some of one's own. */
export const newKeyBody = z.object({
  name: personNameSchema,
  rights: z.array(rightSchema).min(1).max(50),
  days: z.number().int().min(1).max(maxKeyDays),
})
export type NewKey = z.infer<typeof newKeyBody>

/** Answer of `POST /api/v1/keys`; the token is shown once. */
export const newKeyResponse = z.object({ key: listedKeySchema, token: z.string() })
