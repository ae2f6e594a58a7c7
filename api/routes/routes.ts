import type { ApiServer } from '../server/api-server.ts'
import type { RouteParts } from '../server/route-parts.ts'
import { airFiguresRoutes } from './air-figures.ts'
import { airQualityRoutes } from './air-quality.ts'
import { alertActionRoutes } from './alert-actions.ts'
import { alertRuleRoutes } from './alert-rules.ts'
import { alertRoutes } from './alerts.ts'
import { auditLogRoutes } from './audit-log.ts'
import { baseMapRoutes } from './base-map.ts'
import { cityRoutes } from './city.ts'
import { commandRoutes } from './commands.ts'
import { correctionRoutes } from './corrections.ts'
import { deviceRoutes } from './devices.ts'
import { eventRoutes } from './events.ts'
import { handOverRoutes } from './hand-overs.ts'
import { historyRoutes } from './history.ts'
import { historyQueryRoutes } from './history-query.ts'
import { keyRoutes } from './keys.ts'
import { lampOverrideRoutes } from './lamp-overrides.ts'
import { lightingFiguresRoutes } from './lighting-figures.ts'
import { notificationRoutes } from './notifications.ts'
import { openIdRoutes } from './openid.ts'
import { operationRoutes } from './operation.ts'
import { pageRoutes } from './pages.ts'
import { peopleRoutes } from './people.ts'
import { qualityRoutes } from './quality.ts'
import { qualityFiguresRoutes } from './quality-figures.ts'
import { replayRoutes } from './replay.ts'
import { sensorRoutes } from './sensors.ts'
import { sessionRoutes } from './session.ts'
import { shiftLogRoutes } from './shift-log.ts'
import { teamRoutes } from './teams.ts'
import { trafficFiguresRoutes } from './traffic-figures.ts'
import { waterFiguresRoutes } from './water-figures.ts'

/** Installs every route of the api, and the files of the dashboard. */
export async function installRoutes(app: ApiServer, parts: RouteParts): Promise<void> {
  for (const routes of [
    cityRoutes,
    baseMapRoutes,
    sensorRoutes,
    historyRoutes,
    historyQueryRoutes,
    qualityRoutes,
    airQualityRoutes,
    trafficFiguresRoutes,
    lightingFiguresRoutes,
    qualityFiguresRoutes,
    airFiguresRoutes,
    waterFiguresRoutes,
    replayRoutes,
    correctionRoutes,
    eventRoutes,
    commandRoutes,
    lampOverrideRoutes,
    deviceRoutes,
    alertRoutes,
    alertActionRoutes,
    alertRuleRoutes,
    notificationRoutes,
    shiftLogRoutes,
    handOverRoutes,
    sessionRoutes,
    operationRoutes,
    peopleRoutes,
    teamRoutes,
    keyRoutes,
    auditLogRoutes,
    openIdRoutes,
  ])
    routes(app, parts)
  await app.register((scope) => pageRoutes(scope, parts))
}
