package compose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/compose"
	"proviso.dev/services/collector/internal/descriptor/fixture"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason  string
		archive string
		names   []string
		want    string
	}{
		"ShortForms": {
			reason: "Lists and short forms, as most people write them.",
			archive: `
-- compose.yaml --
services:
  web:
    image: nginx:1.27
    ports:
      - "8080:80"
      - 127.0.0.1:8443:443
      - "9000"
      - "5353:53/udp"
    expose: ["3000"]
    environment:
      - LOG_LEVEL=debug
      - API_KEY
      - GREETING=good day
    volumes:
      - ./site:/usr/share/nginx/html:ro
      - cache:/var/cache/nginx
      - /scratch
    tmpfs: /run
    depends_on: [db]
    links:
      - "redis:cache"
    command: nginx -g 'daemon off;'
  db:
    image: postgres:16
  redis:
    image: redis:7
volumes:
  cache:
`,
			want: `
component web service @ compose.yaml:2
image web run nginx:1.27 @ compose.yaml:3
port web 80/tcp @ compose.yaml:5
expose web host 8080->80 - @ compose.yaml:5
port web 443/tcp @ compose.yaml:6
expose web host 8443->443 - @ compose.yaml:6
port web 9000/tcp @ compose.yaml:7
port web 53/udp @ compose.yaml:8
expose web host 5353->53 - @ compose.yaml:8
port web 3000/tcp @ compose.yaml:9
env web LOG_LEVEL debug @ compose.yaml:11
env web API_KEY secret @ compose.yaml:12
env web GREETING "good day" @ compose.yaml:13
volume web /usr/share/nginx/html host - - @ compose.yaml:15
volume web /var/cache/nginx persistent cache - @ compose.yaml:16
volume web /scratch persistent - - @ compose.yaml:17
volume web /run temporary - - @ compose.yaml:18
depends web db component observed @ compose.yaml:19
depends web redis component observed @ compose.yaml:21
command web nginx -g 'daemon off;' @ compose.yaml:22
component db service @ compose.yaml:23
image db run postgres:16 @ compose.yaml:24
component redis service @ compose.yaml:25
image redis run redis:7 @ compose.yaml:26
`,
		},
		"LongForms": {
			reason: "Mappings and long forms.",
			archive: `
-- compose.yaml --
services:
  web:
    image: shop/web
    restart: "no"
    ports:
      - name: http
        target: 8080
        published: "80"
        protocol: tcp
      - target: 9090
    environment:
      LOG_LEVEL: info
      DEBUG:
      WORKERS: 4
      DATABASE_URL: postgres://shop:hunter2@db:5432/shop
    volumes:
      - type: volume
        source: data
        target: /data
        read_only: true
      - type: bind
        source: ./conf
        target: /conf
      - type: tmpfs
        target: /tmp
        tmpfs:
          size: 64m
    configs:
      - site
      - source: app
        target: /etc/app.yaml
    secrets:
      - db_password
    depends_on:
      db:
        condition: service_healthy
    deploy:
      replicas: 3
      resources:
        limits:
          cpus: "0.50"
          memory: 512M
        reservations:
          cpus: "0.25"
          memory: 128M
          devices:
            - driver: nvidia
              count: 2
              capabilities: [gpu]
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U shop"]
      interval: 5s
    mem_limit: 1g
    entrypoint: ["/bin/sh", "-c"]
    command: ["exec postgres -c 'max connections'"]
`,
			want: `
component web job @ compose.yaml:2
image web run shop/web @ compose.yaml:3
port web 8080/tcp @ compose.yaml:6
expose web host 80->8080 - @ compose.yaml:6
port web 9090/tcp @ compose.yaml:10
env web LOG_LEVEL info @ compose.yaml:12
env web DEBUG - @ compose.yaml:13
env web WORKERS 4 @ compose.yaml:14
env web DATABASE_URL secret @ compose.yaml:15
mention web db @ compose.yaml:15
volume web /data persistent data - @ compose.yaml:17
volume web /conf host - - @ compose.yaml:21
volume web /tmp temporary - 67108864 @ compose.yaml:24
volume web /site configuration site - @ compose.yaml:29
volume web /etc/app.yaml configuration app - @ compose.yaml:30
volume web /run/secrets/db_password secret db_password - @ compose.yaml:33
depends web db component observed @ compose.yaml:35
replicas web 3 @ compose.yaml:38
resource web cpu limit 500 @ compose.yaml:41
resource web memory limit 536870912 @ compose.yaml:42
resource web cpu request 250 @ compose.yaml:44
resource web memory request 134217728 @ compose.yaml:45
resource web gpu request 2 @ compose.yaml:48
component db service @ compose.yaml:50
image db run postgres:16 @ compose.yaml:51
health db container exec pg_isready -U shop @ compose.yaml:53
resource db memory limit 1073741824 @ compose.yaml:55
command db /bin/sh -c 'exec postgres -c '\''max connections'\''' @ compose.yaml:56
`,
		},
		"Variables": {
			reason: "Defaults are filled in, other variables stay as written, and one service's wrong value costs nothing else.",
			archive: `
-- compose.yaml --
services:
  web:
    image: shop/web:${TAG:-1.0}
    ports:
      - "${PORT:-8080}:80"
      - "${ADMIN_PORT}:81"
      - "${BIND}:8082:82"
      - "80:${INNER}"
    environment:
      MODE: ${MODE}
      COST: $$5
      LEVEL: ${LEVEL:?must be set}
      BASE: ${BASE-https://shop.example.org}
  api:
    image: ${REGISTRY}/api
`,
			want: `
component web service @ compose.yaml:2
image web run shop/web:1.0 @ compose.yaml:3
port web 80/tcp @ compose.yaml:5
expose web host 8080->80 - @ compose.yaml:5
port web 81/tcp @ compose.yaml:6
expose web host -->81 - @ compose.yaml:6
port web 82/tcp @ compose.yaml:7
expose web host 8082->82 - @ compose.yaml:7
problem unsupported @ compose.yaml:8
env web MODE ${MODE} @ compose.yaml:10
env web COST $5 @ compose.yaml:11
env web LEVEL "${LEVEL:?must be set}" @ compose.yaml:12
env web BASE https://shop.example.org @ compose.yaml:13
component api service @ compose.yaml:14
image api run ${REGISTRY}/api @ compose.yaml:15
`,
		},
		"Override": {
			reason: "Single values are replaced, lists grow, variables and mounts are replaced one by one, and tags reset.",
			names:  []string{"compose.yaml", "compose.override.yaml"},
			archive: `
-- compose.yaml --
name: shop
services:
  web:
    image: shop/web:1
    ports: ["80:80"]
    environment:
      A: one
      B: two
    volumes: ["data:/data"]
    command: serve
-- compose.override.yaml --
services:
  web:
    image: shop/web:2
    ports: ["81:81"]
    environment:
      - B=three
    volumes: ["./data:/data"]
    command: !reset null
  mail:
    image: mailpit
`,
			want: `
component web service @ compose.yaml:3
image web run shop/web:2 @ compose.override.yaml:3
port web 80/tcp @ compose.yaml:5
expose web host 80->80 - @ compose.yaml:5
port web 81/tcp @ compose.override.yaml:4
expose web host 81->81 - @ compose.override.yaml:4
env web A one @ compose.yaml:7
env web B three @ compose.override.yaml:6
volume web /data host - - @ compose.override.yaml:7
component mail service @ compose.override.yaml:9
image mail run mailpit @ compose.override.yaml:10
`,
		},
		"AnchorsAndExtensions": {
			reason: "Merge keys and anchors are how people share; extension fields are not services.",
			archive: `
-- compose.yaml --
x-common: &common
  restart: always
  environment: &env
    TZ: UTC
services:
  a:
    <<: *common
    image: a
  b:
    <<: *common
    image: b
    environment:
      <<: *env
      ROLE: b
`,
			want: `
component a service @ compose.yaml:6
image a run a @ compose.yaml:8
env a TZ UTC @ compose.yaml:4
component b service @ compose.yaml:9
image b run b @ compose.yaml:11
env b ROLE b @ compose.yaml:14
env b TZ UTC @ compose.yaml:4
`,
		},
		"ExtendsAndIncludes": {
			reason: "What stands in the repository is read, what does not is named.",
			archive: `
-- compose.yaml --
include:
  - db/compose.yaml
  - ../other/compose.yaml
  - https://example.org/compose.yaml
services:
  web:
    extends:
      file: common.yaml
      service: base
    image: web
    depends_on: [db]
-- common.yaml --
services:
  base:
    image: base
    environment: [TZ=UTC]
-- db/compose.yaml --
services:
  db:
    image: postgres
    env_file: db.env
`,
			want: `
problem outside @ compose.yaml:3
problem remote @ compose.yaml:4
component web service @ compose.yaml:6
image web run web @ compose.yaml:10
env web TZ UTC @ common.yaml:4
depends web db component observed @ compose.yaml:11
component db service @ db/compose.yaml:2
image db run postgres @ db/compose.yaml:3
`,
		},
		"Ranges": {
			reason: "A short range is its ports; one of thousands says nothing.",
			archive: `
-- compose.yaml --
services:
  ftp:
    image: ftp
    ports: ["30000-30002:40000-40002", "1-60000:1-60000"]
`,
			want: `
component ftp service @ compose.yaml:2
image ftp run ftp @ compose.yaml:3
port ftp 40000/tcp @ compose.yaml:4
port ftp 40001/tcp @ compose.yaml:4
port ftp 40002/tcp @ compose.yaml:4
expose ftp host 30000->40000 - @ compose.yaml:4
expose ftp host 30001->40001 - @ compose.yaml:4
expose ftp host 30002->40002 - @ compose.yaml:4
problem too_many @ compose.yaml:4
`,
		},
		"NoServices": {
			reason:  "The first form of the file had its services at the top; nobody reads it any more.",
			archive: "-- compose.yaml --\nweb:\n  image: nginx\n",
			want:    "problem unsupported @ compose.yaml:0\n",
		},
		"NotYAML": {
			reason:  "A file that is not valid costs itself.",
			archive: "-- compose.yaml --\nservices: [\n",
			want:    "problem syntax @ compose.yaml:0\n",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			names := tc.names
			if names == nil {
				names = []string{"compose.yaml"}
			}
			got := fixture.Lines(compose.Read(fixture.Files(tc.archive), names...).Result)
			if diff := cmp.Diff(fixture.Tidy(tc.want), got); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestReadBuild(t *testing.T) {
	got := compose.Read(fixture.Files(`
-- deploy/compose.yaml --
services:
  a:
    build: ../a
    env_file: .env
  b:
    build:
      context: ..
      dockerfile: docker/b.Dockerfile
      target: prod
      args:
        VERSION: "22"
        TOKEN: ${TOKEN}
    env_file:
      - path: ../b.env
        required: false
  c:
    build:
      dockerfile_inline: FROM scratch
  d:
    build: https://git.example.org/d.git
  e:
    build: ../../outside
`), "deploy/compose.yaml")
	want := map[string]*compose.Build{
		"a": {Context: "a", Dockerfile: "a/Dockerfile", Args: map[string]string{}},
		"b": {Context: ".", Dockerfile: "docker/b.Dockerfile", Target: "prod", Args: map[string]string{"VERSION": "22"}},
		"c": {Context: "deploy", Args: map[string]string{}},
		"d": nil,
		"e": nil,
	}
	files := map[string][]string{"a": {"deploy/.env"}, "b": {"b.env"}}
	for _, s := range got.Services {
		name := s.Component.GetName()
		if diff := cmp.Diff(want[name], s.Build); diff != "" {
			t.Errorf("build of %s: -want +got:\n%s", name, diff)
		}
		if diff := cmp.Diff(files[name], s.EnvFiles); diff != "" {
			t.Errorf("files of variables of %s: -want +got:\n%s", name, diff)
		}
	}
}
