import { causeWords } from '#telemetry/glossary/alert-cause.ts'
import { alertStateWords } from '#telemetry/glossary/alert-state.ts'
import { feedWords } from '#telemetry/glossary/connection.ts'
import { freshnessWords } from '#telemetry/glossary/freshness.ts'
import { overrideWords } from '#telemetry/glossary/lamp-override.ts'
import { levelWords, priorityMarks } from '#telemetry/glossary/priority.ts'
import { capitalized, titlesIn, wordsIn } from '#telemetry/language.ts'
import type { Section } from '../navigation/sections.ts'
import type { State } from '../sensor/filters.ts'

const titles = titlesIn(levelWords, 'vi')

/** Vietnamese texts. */
export const vi = {
  title: 'Nhịp',
  subtitle: 'Trực ban đô thị',
  language: 'Ngôn ngữ',
  /** each names what a press does */
  theme: { light: 'Chuyển sang giao diện sáng', dark: 'Chuyển sang giao diện tối' },
  /** `more` opens the other sections */
  view: {
    label: 'Cách xem',
    more: 'Các trang khác',
    forbidden: 'Tài khoản của bạn không có quyền xem trang này; hãy hỏi quản trị viên.',
    wallDisplay: 'Màn hình lớn (W)',
    leaveWallDisplay: 'Rời chế độ màn hình lớn',
  },
  sections: {
    map: 'Bản đồ',
    table: 'Bảng',
    shift: 'Sổ trực',
    alerts: 'Lịch sử cảnh báo',
    manual: 'Đèn điều khiển tay',
    rules: 'Quy tắc cảnh báo',
    notifications: 'Thông báo chưa gửi được',
    quarantine: 'Bản tin bị từ chối',
    devices: 'Thiết bị chưa có mặt',
    people: 'Người dùng',
    keys: 'Khóa API',
    trail: 'Nhật ký thao tác',
    account: 'Tài khoản của tôi',
  } satisfies Record<Section, string>,
  /** who is on duty, and the shift log */
  duty: { onDuty: (names: string) => `Đang trực: ${names}`, nobody: 'Chưa có ai nhận ca trực', write: 'Ghi sổ trực' },
  connection: {
    connecting: feedWords.connecting.vi.toUpperCase(),
    live: feedWords.live.vi.toUpperCase(),
    lost: feedWords.lost.vi.toUpperCase(),
  },
  banner: {
    lost: (since: string) => `Mất kết nối từ ${since}. Số liệu trên màn hình là số liệu cũ; đang tự kết nối lại…`,
    broker: 'Máy chủ MQTT không trả lời: số liệu mới không vào được.',
    store: 'Kho dữ liệu không trả lời: số liệu trực tiếp vẫn chạy, lịch sử có thể thiếu.',
    clock: (off: string) =>
      `Đồng hồ máy chủ lệch ${off}. Số liệu vẫn vào, theo đồng hồ không bị chỉnh; hãy chỉnh lại cho đúng.`,
  },
  freshness: wordsIn(freshnessWords, 'vi'),
  /** a sensor's clock; `off` as in `+7 h` */
  clockWrong: (off: string) => `${capitalized(causeWords.clock.vi)} ${off}`,
  /** what a wrong clock means for what is shown, and what to do */
  clockHint: {
    ahead:
      'Số đo vẫn đến và được lưu theo giờ của thiết bị, nhưng không hiện là mới nhất và không xét ngưỡng cho đến khi đồng hồ đúng. Hãy chỉnh giờ thiết bị; “ts” phải là giờ UTC, không phải giờ địa phương.',
    slow: 'Độ mới và ngưỡng được xét theo lúc nhận. Hãy chỉnh giờ thiết bị; “ts” phải là giờ UTC, không phải giờ địa phương.',
  },
  /** of one value of a sensor that goes on */
  staleValue: freshnessWords.stale.vi,
  latency: 'Độ trễ (95 %)',
  /** what that measures, and how many readings it leaves out */
  latencyHint: (waited: string) =>
    `Độ trễ (95 %): từ lúc đo đến lúc hiện trên màn hình. Không tính ${waited} số đo đã chờ trong thiết bị trên 10 giây.`,
  /** what the clock shows */
  clock: 'Giờ địa phương',
  malformed: (count: string) => `${count} gói tin sai dạng, đã bỏ qua`,
  filter: {
    kinds: 'Loại',
    districts: 'Khu vực',
    search: 'Tìm cảm biến',
    placeholder: 'Tên hoặc mã, không cần dấu',
    ward: 'Phường',
    allWards: 'Mọi phường',
    state: 'Trạng thái',
    allStates: 'Mọi trạng thái',
    states: {
      ...titlesIn(freshnessWords, 'vi'),
      abnormal: '◆▲■ Bất thường',
      critical: `${priorityMarks[1]} ${titles.critical}`,
      warning: `${priorityMarks[2]} ${titles.warning}`,
      notice: `${priorityMarks[3]} ${titles.notice}`,
      normal: titles.normal,
      manual: capitalized(overrideWords.manual.vi),
      clock: capitalized(causeWords.clock.vi),
    } satisfies Record<State, string>,
    reset: 'Bỏ mọi bộ lọc',
  },
  /** what the map's layers say */
  layers: {
    title: 'Lớp bản đồ',
    /** what is wrong with a sensor whose clock is, beside its mark */
    clock: causeWords.clock.vi,
    /** of the layer with VN_AQI: hour up to which it was measured */
    asOf: (hour: string) => `VN_AQI giờ, tính đến ${hour}`,
    noAqi: 'Chưa trạm nào đủ số liệu để tính VN_AQI.',
    aqiFailed: 'Không tải được VN_AQI; đang thử lại…',
    /** how many stations have an index, and how many have none */
    stations: (having: string, without: string) => `${having} trạm có số, ${without} trạm chưa có`,
    moreStations: (count: string) => `và ${count} trạm khác`,
    noIndex: {
      NO_READINGS: ({ hours }: { hours: number }) => `không có số liệu trong ${hours} giờ qua`,
      NO_PARTICULATES: () => 'không đo bụi PM2.5, PM10',
      TOO_FEW_HOURS: ({ complete, needed, of }: { complete: number; needed: number; of: number }) =>
        `số liệu bụi chỉ đủ ở ${complete} trong ${of} giờ gần nhất, cần ${needed}`,
      /** a station that came after the last answer */
      NOT_ASKED: () => 'chưa đến lượt tính',
    },
  },
  list: {
    title: 'Cảm biến',
    found: (found: string, all: string) => `${found} / ${all}`,
    more: 'Hiện thêm',
    commandLamps: (count: string) => `Điều khiển ${count} đèn này…`,
    none: 'Không có cảm biến nào khớp.',
    loading: 'Đang tải danh sách…',
  },
  table: {
    name: 'Tên',
    kind: 'Loại',
    district: 'Khu vực',
    ward: 'Phường',
    state: 'Độ mới',
    level: 'Mức',
    value: 'Giá trị',
    age: 'Đo cách đây',
  },
  legend: {
    title: 'Chú giải',
    abnormal: 'Bất thường',
    freshness: 'Độ mới',
    kinds: 'Loại (hình khi phóng to)',
    /** several marks drawn as one */
    cluster: 'Số bên cạnh: nhiều cảm biến gần nhau, vẽ mức nặng nhất và số lượng ở mức ấy.',
    /** an active alert of this priority */
    alert: (priority: string) => `cảnh báo ${priority} đang diễn ra`,
    manual: `Đèn ${overrideWords.manual.vi}: theo lệnh, không theo lịch`,
    shelved: `Rỗng: cảnh báo ${alertStateWords.shelved.vi}`,
    /** what is not normal without being an alert */
    noted: (findings: string) => `số đo bất thường chưa thành cảnh báo: ${findings}`,
    fresh: freshnessWords.fresh.vi,
    stale: `${freshnessWords.stale.vi} (im lặng quá ba chu kỳ), hoặc ${freshnessWords.waiting.vi}`,
    offline: freshnessWords.offline.vi,
  },
  levels: titles,
  /** the figures of the header: open alerts, as the list of alerts has them */
  openAlerts: {
    label: 'Cảnh báo đang mở',
    /** of one severity */
    show: (severity: string, count: string) => `${severity}: ${count} cảnh báo đang mở. Nhấn để chỉ xem mức này`,
    showShelved: (count: string) => `${count} cảnh báo ${alertStateWords.shelved.vi}. Nhấn để xem đến khi nào và do ai`,
  },
  /** the past on the map */
  replay: {
    title: 'Tua lại 24 giờ',
    /** in the header, on the tab */
    badge: 'PHÁT LẠI',
    /** the live feed, which goes on behind a replay */
    behind: `nền: ${feedWords.live.vi}`,
    scrubber: 'Thời điểm xem lại',
    now: 'hiện tại',
    play: 'Phát',
    pause: 'Tạm dừng',
    /** name of the key */
    space: 'phím cách',
    back: 'Lùi 1 phút',
    forward: 'Tiến 1 phút',
    speed: 'Tốc độ phát',
    live: `Về ${feedWords.live.vi}`,
    loading: 'Đang tải thời điểm này…',
    waiting: 'Đang chờ số liệu tiếp theo…',
    failing: 'Kho số liệu không trả lời; đang thử lại…',
    broken: 'Không mở được phần phát lại. Hãy tải lại trang.',
    missing: 'không có số liệu',
    partial: 'thiếu số liệu',
    sparse: 'số liệu thưa (lịch sử nạp sẵn)',
    /** raised in a stretch of time */
    alerts: (count: string) => `${count} cảnh báo`,
    /** why lamps cannot be commanded */
    noCommands: 'Đang phát lại: chỉ gửi được lệnh ở hiện tại. Nhấn L để về hiện tại.',
    noneThen: 'Không có số liệu nào trong 24 giờ trước thời điểm này.',
    /** what of a sensor's panel is not of then */
    ofNow: 'Tên, vị trí và thông tin mô tả là của hiện tại; trước đây có thể khác.',
    /** on a page that has no past */
    pageOfNow: 'Trang này là của hiện tại, không theo thời điểm đang phát lại.',
  },
  panel: {
    close: 'Đóng',
    showOnMap: 'Xem trên bản đồ',
    measured: 'Đo',
    values: 'Số liệu mới nhất',
    none: 'Chưa có số liệu.',
    /** readings came, all of a clock that is ahead */
    noneInTime: 'Chưa có số liệu đúng giờ.',
    loading: 'Đang tải…',
    retry: 'Thử lại',
    raw: 'Siêu dữ liệu gốc',
    notFound: 'Không có cảm biến này.',
    /** counted in so many seconds */
    inPeriod: (seconds: string) => `trong ${seconds} s`,
  },
  map: {
    label: 'Bản đồ cảm biến',
    sketch: 'Sơ đồ – không dùng để đo',
    zoomIn: 'Phóng to',
    zoomOut: 'Thu nhỏ',
    /** shows all districts */
    showAllDistricts: 'Xem toàn bộ khu vực',
    loading: 'Đang vẽ bản đồ…',
    noWebgl: 'Trình duyệt này không có WebGL2 nên không vẽ được bản đồ. Bảng dưới đây có cùng số liệu trực tiếp.',
    failed: 'Không tải được bản đồ nền.',
  },
  signIn: {
    /** what to do, for each way to sign in */
    explain: {
      password: 'Đăng nhập bằng tên và mật khẩu của bạn.',
      token: 'Hãy mở đường dẫn mà lệnh “npm start” in ra, hoặc dán mã quản trị vào đây.',
      invitation: 'Hãy chọn mật khẩu. Từ nay bạn đăng nhập bằng tên của mình và mật khẩu này.',
    },
    name: 'Tên',
    password: 'Mật khẩu',
    adminToken: 'Mã quản trị (ADMIN_TOKEN)',
    newPassword: 'Mật khẩu mới, ít nhất 12 ký tự',
    repeat: 'Nhập lại mật khẩu',
    signIn: 'Đăng nhập',
    accept: 'Lưu và đăng nhập',
    withToken: 'Đăng nhập bằng mã quản trị',
    withPassword: 'Đăng nhập bằng tên và mật khẩu',
    openId: 'Đăng nhập bằng tài khoản của cơ quan',
    unreachable: 'Máy chủ không trả lời. Hãy thử lại.',
  },
}

/** Every text of the page. Each language has one object of this type. */
export type Messages = typeof vi
