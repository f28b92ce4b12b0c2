/** What `roomd init` writes: a fleet file to start from, commented for the person who will edit it. */
export const FLEET_TEMPLATE = `# yaml-language-server: $schema=./fleet.schema.json
#
# How the rooms should be. roomd reads this file, shows what differs on the
# devices (roomd plan) and changes them when you say so (roomd apply).
# Nothing is written to any device before that.
#
#   roomd validate     checks this file and contacts nobody
#   roomd doctor       checks this machine and each device
#   roomd schema > fleet.schema.json    makes editors help while you type
#
# Every line is explained in docs/fleet-yaml.md.

version: 1

# Further files of this fleet, with devices, profiles, layers and macros:
# include: [sites/*.yaml]

daemon:
  # observe: roomd by itself writes nothing to devices.
  # enforce: it keeps devices as you approved them, and registers feedback.
  mode: observe
  # The API, for this machine only. Anything else needs
  # users or tokens (roomd user create, roomd token create) and TLS.
  listen: 127.0.0.1:8080
  # Where devices report to, and the same place as they see it:
  # feedback:
  #   listen: 0.0.0.0:8443
  #   publicUrl: https://rooms.example.com:8443
  #   tls: { cert: certs/roomd.pem, key: certs/roomd.key }
  database: sqlite:./data/roomd.db
  retention: { events: 30d, presence: 400d }

# How roomd logs in to devices. The password itself does not belong into a file
# that others read: \${env:NAME} takes it from the environment, \${file:PATH}
# from a file, \${credential:NAME} from systemd.
credentials:
  roomd: { username: roomd-admin, password: "\${env:ROOMD_PASSWORD}" }

# What holds for every device.
defaults:
  credentials: roomd
  # The certificate that a device shows first is kept to from then on.
  tls: pin
  timezone: Europe/Oslo
  # Trees and dotted paths mean the same. Values stay as you write them.
  configuration:
    RoomAnalytics.PeoplePresenceDetector: On
    RoomAnalytics.PeopleCountOutOfCall: On
  # What devices report by themselves.
  feedback:
    expressions: [/Status/RoomAnalytics, /Status/Call, /Status/Standby]

# What holds for every device that a selector fits; it wins over defaults.
# layers:
#   - name: oslo
#     devices: site=oslo
#     configuration: { Time.Zone: Europe/Oslo }
#     lock: [Time]              # nothing above may change it

# What holds for every device that names the profile; it wins over layers and defaults.
profiles:
  boardroom:
    configuration:
      Standby: { Control: On, Delay: 30 }
      # One of a list has its number: Video.Output.Connector[1].Resolution
      Audio.DefaultVolume: 60
    # What is kept on the device besides settings:
    # panels: [panels/help.xml]
    # deviceMacros: [device-macros/lights.js]
    # branding: { background: images/background.png }

# The devices. What stands here wins over profiles and defaults.
devices:
  - name: boardroom-1
    host: 10.0.3.11
    kind: room                # board, room or desk; checked against the product
    profiles: [boardroom]
    tags: { site: oslo, floor: 3 }
    configuration:
      SystemUnit.Name: Boardroom 1
    # What holds for a while and then returns by itself:
    # overrides:
    #   - until: 2030-12-01T08:00
    #     reason: town hall meeting
    #     configuration: { Standby.Delay: 120 }

  # - name: huddle-2
  #   host: 10.0.3.12
  #   tags: { site: oslo, floor: 3 }
  #   protected: true         # roomd reads it, and writes to it only where a person names it

# How a new revision reaches the devices, each by its own clock:
#
# rollout:
#   canary: boardroom-1
#   soak: 30m
#   windows: [{ days: [mon-fri], from: 22:00, to: 05:00 }]

# Ways to tell people, the numbers that macros may dial, and the chores:
#
# notifiers:
#   ops: { webex: { roomId: Y2lzY29zcGFyazov, token: "\${env:WEBEX_TOKEN}" } }
#
# What people are told of by itself (docs/alerts.md):
# alerts: { notify: [ops] }
#
# calls: { allow: ["*@example.com"] }
#
# macros:
#   - name: morning-standup
#     when: { schedule: "55 8 * * 1-5" }     # in each device's own time zone
#     devices: site=oslo & kind=room
#     if: presence == 'yes' && !inCall
#     steps:
#       - dial: { number: standup@example.com }
#       - notify: { to: ops, markdown: "**{{device.name}}** joined the stand-up" }
`;
