import type { RefusalCode } from '#telemetry/diagnostics.ts'
import { connectionWords } from '#telemetry/glossary/connection.ts'
import { type Language, wordsIn } from '#telemetry/language.ts'

const vi = {
  explain:
    'Vì sao thiết bị của tôi chưa có mặt? Những gì máy chủ MQTT từ chối, bản tin bị từ chối, lần cuối nhận số đo và đồng hồ sai. Máy chủ nhớ từ khi khởi động, có giới hạn.',
  search: 'Tìm thiết bị',
  placeholder: 'Mã thiết bị, tên đăng nhập, mã cảm biến, địa chỉ hoặc chủ đề',
  find: 'Tìm',
  failed: 'Không tải được danh sách; đang thử lại…',
  more: 'Còn nhiều hơn: hãy tìm hẹp hơn.',
  last: 'Lần cuối',
  count: 'Số lần',
  /** whose refusals are shown: of how many brokers, and of which outside brokers none */
  brokers: (count: number, outside: readonly string[]) => {
    if (count === 0 && outside.length === 0)
      return 'Không có máy chủ MQTT nào báo những gì nó từ chối: của máy chủ bên ngoài, hãy xem nhật ký của chính nó.'
    const own = `Những gì ${count} máy chủ MQTT của hệ thống từ chối.`
    if (outside.length === 0) return own
    return `${own} Máy chủ bên ngoài ${outside.join(', ')} từ chối gì thì hãy xem nhật ký của chính nó.`
  },
  refusals: {
    title: 'Bị máy chủ MQTT từ chối',
    none: 'Không có gì bị từ chối.',
    reason: 'Lý do',
    user: 'Ai',
    address: 'Địa chỉ',
    topic: 'Chủ đề',
  },
  /** a user name of which only the beginning is shown, and one that is missing */
  unknownUser: (shown: string) => `tên chưa được cấp (${shown})`,
  noUser: 'không có tên đăng nhập',
  client: (id: string) => `mã máy khách ${id}`,
  /** the right topic instead */
  nearestTopic: (topic: string) => `Chủ đề đúng gần nhất: ${topic}`,
  messages: { title: 'Bản tin bị từ chối', none: 'Không có bản tin nào bị từ chối.', reason: 'Lý do', topic: 'Chủ đề' },
  sensors: {
    title: 'Cảm biến',
    /** without a search, and with one that finds nothing */
    noWrongClock: 'Không cảm biến nào có đồng hồ sai. Nhập mã để tìm một cảm biến.',
    none: 'Hệ thống chưa biết cảm biến nào như vậy.',
    sensor: 'Cảm biến',
    seen: 'Số đo cuối',
    never: 'chưa có',
    state: 'Tình trạng',
    noMeta: 'chưa gửi thông tin mô tả (tên, vị trí, chu kỳ)',
  },
  connections: wordsIn(connectionWords, 'vi'),
  /** why, and what to do */
  codes: {
    credentials:
      'Sai tên đăng nhập hoặc mật khẩu: tên là mã cảm biến; cấp mật khẩu mới bằng “npm run credentials -- rotate”, thiết bị mới bằng “-- add”',
    blocked: 'Đăng nhập sai quá nhiều lần: tạm thời bị từ chối, thử lại sau một phút',
    'sign-ins': 'Quá nhiều lượt đăng nhập cùng lúc: sẽ vào được khi thử lại',
    'client-id': 'Mã máy khách (client id) đang thuộc thiết bị khác, quá dài, hoặc trống mà muốn giữ phiên',
    will: 'Di chúc (last will) có chủ đề sai hoặc không phải của thiết bị',
    sessions: 'Quá nhiều phiên được giữ: hãy dùng một mã máy khách cố định, hoặc phiên sạch (clean session)',
    connections: 'Quá nhiều kết nối của thiết bị hoặc địa chỉ này',
    tls: 'Bắt tay TLS không thành, hoặc chứng chỉ không được tin cậy',
    'connect-timeout': 'Đã mở kết nối nhưng không gửi gì kịp lúc',
    topic: 'Chủ đề sai dạng',
    publish: 'Không được gửi tới chủ đề này',
    subscribe: 'Không được đăng ký chủ đề này, hoặc đã đăng ký quá nhiều',
  } satisfies Record<RefusalCode, string>,
}

type DeviceTexts = typeof vi

const en = {
  explain:
    'Why is my device not here? What the MQTT broker refused, messages in quarantine, when a reading last came, and clocks that are wrong. The broker remembers since its start, within bounds.',
  search: 'Find a device',
  placeholder: 'Client id, user name, sensor, address or topic',
  find: 'Find',
  failed: 'The list could not be loaded; trying again…',
  more: 'There is more: search more narrowly.',
  last: 'Last time',
  count: 'Count',
  brokers: (count, outside) => {
    if (count === 0 && outside.length === 0)
      return 'No broker tells what it refuses: what an outside broker refuses is in its own log.'
    const own = `What ${count} ${count === 1 ? 'broker' : 'brokers'} of the platform refused.`
    return outside.length === 0
      ? own
      : `${own} What the outside broker ${outside.join(', ')} refuses is in its own log.`
  },
  refusals: {
    title: 'Refused by the MQTT broker',
    none: 'Nothing was refused.',
    reason: 'Reason',
    user: 'Who',
    address: 'Address',
    topic: 'Topic',
  },
  unknownUser: (shown) => `a name that was not added (${shown})`,
  noUser: 'no user name',
  client: (id) => `client id ${id}`,
  nearestTopic: (topic) => `Nearest right topic: ${topic}`,
  messages: { title: 'Messages in quarantine', none: 'No message is in quarantine.', reason: 'Reason', topic: 'Topic' },
  sensors: {
    title: 'Sensors',
    noWrongClock: 'No sensor has a wrong clock. Type an id to find a sensor.',
    none: 'The platform knows no such sensor.',
    sensor: 'Sensor',
    seen: 'Last reading',
    never: 'none yet',
    state: 'State',
    noMeta: 'has sent no meta (name, position, period)',
  },
  connections: wordsIn(connectionWords, 'en'),
  codes: {
    credentials:
      'Wrong user name or password: the name is the sensor’s id; “npm run credentials -- rotate” gives a new password, “-- add” lets a new device in',
    blocked: 'Too many failed sign-ins: refused for now, try again in a minute',
    'sign-ins': 'Too many sign-ins at once: it gets in when it tries again',
    'client-id': 'The client id belongs to another device, is too long, or is empty with a session to keep',
    will: 'The last will has a topic that is wrong or not its own',
    sessions: 'Too many kept sessions: use one client id, or a clean session',
    connections: 'Too many connections of this device or address',
    tls: 'The TLS handshake failed, or the certificate is not trusted',
    'connect-timeout': 'It opened a connection and sent nothing in time',
    topic: 'The topic is malformed',
    publish: 'It may not publish to this topic',
    subscribe: 'It may not subscribe to this topic, or has too many subscriptions',
  },
} satisfies DeviceTexts

/** Texts of the page about devices that are not here; they come with it. */
export const deviceTexts: Readonly<Record<Language, DeviceTexts>> = { vi, en }
