import { z } from 'zod'

/** The roles of people. */
export const personRoles = ['viewer', 'operator', 'engineer', 'planner', 'admin'] as const
export const personRoleSchema = z.enum(personRoles)
export type PersonRole = z.infer<typeof personRoleSchema>

/** What a person may do. Every route of the api and every event of the live feed names one of them, or that it is open. */
export const rights = [
  /** the city: live, sensors, history, alerts */
  'see',
  /** acknowledge, assign and shelve alerts */
  'alerts:handle',
  /** take the duty, write notes in the shift log, sign hand-overs */
  'shift:write',
  /** change the rules that raise alerts */
  'rules:edit',
  /** switch and dim lamps */
  'lamps:command',
  /** correct what sensors measured: leave spans out, or change them; the readings stay */
  'data:correct',
  /** messages that did not validate */
  'quarantine:see',
  /** why a device is not here: refused sign-ins and topics */
  'devices:diagnose',
  /** what the platform measures of itself */
  'metrics:see',
  /** give programs keys with some of one's own rights */
  'keys:manage',
  /** add people and teams, change their roles */
  'people:manage',
  /** who did what */
  'trail:read',
] as const
export const rightSchema = z.enum(rights)
export type Right = z.infer<typeof rightSchema>

/** Rights as another release may give them: those that are not known here are left out, one by one. */
export const knownRightsSchema = z.codec(z.array(z.string()), z.array(rightSchema), {
  decode: (given) => given.flatMap((right) => rightSchema.safeParse(right).data ?? []),
  encode: (known) => known,
})

/**
 * The one table of who may do what: roles and rights. What may an engineer do? `engineer`: see the city, edit the rules that raise
 * alerts, correct data, see the quarantine, find out why a device is not connected, see the metrics, make keys of programs. An operator
 * acknowledges, assigns and shelves alerts, writes the shift log, commands lamps and sees the quarantine; a planner sees and corrects data; a viewer only sees; an admin may do everything.
 */
export const rightsOfRole: Readonly<Record<PersonRole, readonly Right[]>> = {
  viewer: ['see'],
  operator: ['see', 'alerts:handle', 'shift:write', 'lamps:command', 'quarantine:see'],
  engineer: ['see', 'rules:edit', 'data:correct', 'quarantine:see', 'devices:diagnose', 'metrics:see', 'keys:manage'],
  planner: ['see', 'data:correct'],
  admin: rights,
}

/** Most characters (UTF-16) of a person's name, and of a key's: 64 letters, each of which may be a pair. */
export const maxPersonName = 128

/** Name of a caller: a person's, or behind a `/` that of a key of theirs (`Lan/radio`). Whatever says who did something has room for both. */
export const callerNameSchema = z
  .string()
  .min(1)
  .max(2 * maxPersonName + 1)

/** A caller: a person or a program, with their rights. */
export const personSchema = z.object({
  /** as the audit log names them */
  name: z.string(),
  /** a program that came with a key has none, nor has who is not signed in */
  role: personRoleSchema.optional(),
  /** id of their account; a program that came with a key has none */
  account: z.string().optional(),
  rights: knownRightsSchema.readonly(),
})
export type Person = z.infer<typeof personSchema>

/** A caller that is not signed in. */
export const stranger: Person = { name: '', rights: [] }
