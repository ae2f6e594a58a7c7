import { z } from 'zod'

/** Why a session is over before its person ended it on this browser. */
export const sessionEnds = [
  /** its time is over */
  'expired',
  /** it was signed out, here or in another tab */
  'signed-out',
  /** every session of the person was ended, by themselves or an admin */
  'everywhere',
  'disabled',
  /** the role, and with it the rights, were changed */
  'role',
  'password',
  /** a new one-time link took the place of the password */
  'invitation',
  /** the admin token of the installation, which signs cookies, is another */
  'key',
] as const
export const sessionEndSchema = z.enum(sessionEnds)
export type SessionEnd = z.infer<typeof sessionEndSchema>
