import { z } from 'zod'
import {
  invitedPersonResponse,
  keysResponse,
  listedPersonSchema,
  type NewKey,
  newKeyResponse,
  peopleResponse,
} from '#telemetry/accounts.ts'
import { teamSchema, teamsResponse } from '#telemetry/assignee.ts'
import { auditLogResponse } from '#telemetry/audit-log.ts'
import type { Language } from '#telemetry/language.ts'
import type { PersonRole } from '#telemetry/people.ts'
import { ApiError, get, send } from '../live/api-client.ts'
import { problemWords } from '../live/problem-words.ts'
import type { AdminMessages } from './vi.ts'

const nothing = z.undefined()
const at = (id: string) => encodeURIComponent(id)

/** Everybody who may sign in. Throws ApiError, as all here do. */
export const fetchPeople = async () => (await get('/people', peopleResponse)).people
/** Lets somebody in; gives the one-time token. */
export const addPerson = (name: string, role: PersonRole) =>
  send('POST', '/people', { name, role }, invitedPersonResponse)
export const changePerson = (id: string, change: { role?: PersonRole; disabled?: boolean }) =>
  send('PATCH', `/people/${at(id)}`, change, listedPersonSchema)
/** Gives somebody a new one-time token instead of their password. */
export const invitePerson = (id: string) =>
  send('POST', `/people/${at(id)}/invitation`, undefined, invitedPersonResponse)
export const signPersonOut = (id: string) => send('DELETE', `/people/${at(id)}/sessions`, undefined, nothing)

export const fetchTeams = async () => (await get('/teams', teamsResponse)).teams
export const addTeam = (name: string) => send('POST', '/teams', { name }, teamSchema)
export const renameTeam = (id: string, name: string) => send('PATCH', `/teams/${at(id)}`, { name }, teamSchema)
export const removeTeam = (id: string) => send('DELETE', `/teams/${at(id)}`, undefined, nothing)

/** Keys of programs: one's own, or all for an admin. */
export const fetchKeys = async () => (await get('/keys', keysResponse)).keys
export const addKey = (key: NewKey) => send('POST', '/keys', key, newKeyResponse)
export const revokeKey = (id: string) => send('DELETE', `/keys/${at(id)}`, undefined, nothing)

/** The newest entries of the audit log, by person and span (epoch ms). */
export function fetchAuditLog(filter: { who: string; from?: number; to?: number }) {
  const query = new URLSearchParams({ limit: '200' })
  if (filter.who !== '') query.set('who', filter.who)
  if (filter.from !== undefined) query.set('from', String(filter.from))
  if (filter.to !== undefined) query.set('to', String(filter.to))
  return get(`/trail?${query}`, auditLogResponse)
}

export const signOut = () => send('DELETE', '/session', undefined, nothing)
export const signOutEverywhere = () => send('DELETE', '/sessions', undefined, nothing)
export const changePassword = (current: string, password: string) =>
  send('PUT', '/session/password', { current, password }, nothing)

/** What to tell of an error. */
export function faultText(error: unknown, texts: AdminMessages, language: Language): string {
  return error instanceof ApiError && error.problem ? texts.refused(problemWords(language, error)) : texts.failed
}
