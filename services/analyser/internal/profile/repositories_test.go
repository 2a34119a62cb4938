package profile

import (
	"strings"
	"testing"
)

// repositoryTruths are what a careful engineer says of repositories of test/repositories, from reading their files. What stands
// nowhere (a default port, a usual size) is not in them. The first eight were there when the rules were made; allotments, balise,
// boutique, gazette and inventaire when they were first tried (184 lines right, 6 missing, 9 too much), flux, marche and parcels
// after that (133, 3 and 5).
var repositoryTruths = map[string]string{
	"atelier": `
component atelier web node
state atelier stateful
exposure atelier public
image atelier registry.example.org/fablab/atelier:2.4.0
port atelier 3000/tcp
cpu atelier 150
memory atelier 192
memory-limit atelier 384
disk atelier 5
volume atelier /srv/plans 5
replicas atelier 2..6
host atelier atelier.example.org
host atelier reservation.example.org
depends atelier cache
external atelier postgresql
ready atelier GET /sante on 3000
component cache cache redis
state cache stateful
exposure cache application
image cache redis:7.4-alpine
port cache 6379/tcp
volume cache /data 2
disk cache 2
replicas cache 1..1`,
	"sondage": `
component vote web python
state vote stateless
exposure vote network
port vote 80/tcp
ready vote exec curl -f http://localhost
depends vote redis
component result web node
state result stateless
exposure result network
port result 80/tcp
port result 9229/tcp
depends result db
component worker worker go
state worker stateless
exposure worker none
replicas worker 2..2
depends worker redis
depends worker db
component redis cache redis
state redis stateless
exposure redis application
image redis redis:7-alpine
ready redis exec /healthchecks/redis.sh
component db database postgresql
state db stateful
exposure db application
image db postgres:15-alpine
ready db exec /healthchecks/postgres.sh
volume db /var/lib/postgresql/data -
component seed job python
state seed stateless
exposure seed none
depends seed vote`,
	"galera": `
component galera database mariadb
state galera stateful
exposure galera application
image galera mariadb:11.4.4
port galera 3306/tcp
port galera 4444/tcp
port galera 4567/tcp
port galera 4567/udp
port galera 4568/tcp
port galera 9104/tcp
cpu galera 520
memory galera 1056
memory-limit galera 2048
volume galera /var/lib/mysql 20
disk galera 20
replicas galera 3..3
ready galera tcp 3306
component sauvegarde job mariadb
state sauvegarde stateful
exposure sauvegarde none
image sauvegarde mariadb:11.4.4
cpu sauvegarde 1000
cpu-limit sauvegarde 1000
memory sauvegarde 512
memory-limit sauvegarde 512
volume sauvegarde /sauvegardes 50
disk sauvegarde 50
depends sauvegarde galera
component initialisation job -
state initialisation stateless
exposure initialisation none
image initialisation registry.example.org/outils/schema:0.4
depends initialisation galera
component journal monitoring fluent-bit
state journal stateless
exposure journal none
image journal fluent/fluent-bit:3.2.2
memory journal 100
memory-limit journal 100`,
	"pluviometre": `
component pluviometre-api api python
state pluviometre-api stateless
exposure pluviometre-api application
port pluviometre-api 8000/tcp
external pluviometre-api nats
external pluviometre-api postgresql`,
	"dashboard": `
component dashboard web node
state dashboard stateless
exposure dashboard application
port dashboard 3000/tcp
ready dashboard exec wget -qO- http://localhost:3000/api/health || exit 1
external dashboard postgresql
external dashboard redis
external dashboard s3`,
	"forgeron": `
component forgeron web go
state forgeron stateful
exposure forgeron network
image forgeron registry.example.org/forgeron/forgeron:1.23.1
port forgeron 22/tcp
port forgeron 3000/tcp
volume forgeron /data -
depends forgeron db
external forgeron mysql
component db database postgresql
state db stateful
exposure db application
image db postgres:16-alpine
volume db /var/lib/postgresql/data -
component prometheus monitoring prometheus
state prometheus stateful
exposure prometheus network
image prometheus prom/prometheus:v3.0.1
port prometheus 9090/tcp
volume prometheus /prometheus -
component grafana monitoring grafana
state grafana stateful
exposure grafana application
image grafana grafana/grafana:11.4.0
port grafana 3000/tcp
depends grafana prometheus`,
	"vitrine": `
component wordpress web wordpress
state wordpress stateful
exposure wordpress network
image wordpress wordpress:6.7-php8.3-apache
port wordpress 80/tcp
port wordpress 443/tcp
volume wordpress /var/www/html -
depends wordpress mariadb
depends wordpress memcached
component mariadb database mariadb
state mariadb stateful
exposure mariadb application
image mariadb mariadb:11.4
cpu mariadb 750
cpu-limit mariadb 750
memory mariadb 1024
memory-limit mariadb 1024
volume mariadb /var/lib/mysql -
ready mariadb exec healthcheck.sh --connect --innodb_initialized
component memcached cache memcached
state memcached stateless
exposure memcached application
image memcached memcached:1.6-alpine
port memcached 11211/tcp
component sauvegarde job -
state sauvegarde stateful
exposure sauvegarde none
image sauvegarde registry.example.org/asso/sauvegarde:3
volume sauvegarde /sauvegardes -
volume sauvegarde /site -
depends sauvegarde mariadb
component phpmyadmin web phpmyadmin
state phpmyadmin stateless
exposure phpmyadmin network
image phpmyadmin phpmyadmin:5.2
port phpmyadmin 80/tcp
depends phpmyadmin mariadb`,
	"gazette": `
component gazette web go
state gazette stateful
exposure gazette public
image gazette registry.example.org/press/gazette:2.3.1
port gazette 8080/tcp
port gazette 9090/tcp
cpu gazette 50
memory gazette 256
memory-limit gazette 512
replicas gazette 4..4
volume gazette /var/lib/gazette 40
disk gazette 40
host gazette gazette.example.org
depends gazette database
ready gazette GET /ready on 8080
component database database postgresql
state database stateful
exposure database application
image database postgres:16.4
port database 5432/tcp
volume database /var/lib/postgresql/data 1
disk database 1
ready database exec pg_isready -U postgres
component reindex job -
state reindex stateless
exposure reindex none
image reindex registry.example.org/tools/reindex:1.0`,
	"allotments": `
component web web ruby
state web stateful
exposure web network
port web 3000/tcp
volume web /rails/storage -
ready web exec curl -fsS http://localhost:3000/up
depends web cache
depends web db
component worker worker ruby
state worker stateful
exposure worker none
volume worker /rails/storage -
replicas worker 2..2
depends worker cache
depends worker db
component release job -
state release stateless
exposure release none
component db database postgresql
state db stateful
exposure db application
image db postgres:17-alpine
volume db /var/lib/postgresql/data -
ready db exec pg_isready --username=allotments
component cache cache redis
state cache stateful
exposure cache application
image cache redis:7.4-alpine
volume cache /data -`,
	"balise": `
component server api rust
state server stateless
exposure server application
port server 8000/tcp
port server 8125/udp
ready server exec server health
external server postgresql
external server rabbitmq
component worker worker rust
state worker stateless
exposure worker application
port worker 9100/tcp
external worker postgresql
external worker rabbitmq
component frontend web nginx
state frontend stateless
exposure frontend application
port frontend 8080/tcp
component simulator worker go
state simulator stateless
exposure simulator none
external simulator rabbitmq`,
	"inventaire": `
component web web python
state web stateful
exposure web application
port web 8000/tcp
volume web /app/media -
volume web /app/static -
depends web db
depends web redis
external web s3
differs web environment
component worker worker python
state worker stateful
exposure worker none
volume worker /app/media -
replicas worker 2..2
cpu worker 1500
cpu-limit worker 1500
memory worker 256
memory-limit worker 768
depends worker db
depends worker redis
external worker s3
differs worker environment
component beat worker python
state beat stateless
exposure beat none
depends beat db
depends beat redis
external beat s3
differs beat environment
component release job -
state release stateless
exposure release none
component nginx proxy nginx
state nginx stateful
exposure nginx network
image nginx nginx:1.27-alpine
port nginx 80/tcp
volume nginx /srv/static -
depends nginx web
component db database postgresql
state db stateful
exposure db application
image db postgres:16
volume db /var/lib/postgresql/data -
ready db exec pg_isready -U inventaire
component redis cache redis
state redis stateful
exposure redis application
image redis redis:7.4-alpine
volume redis /data -`,
	"boutique": `
component frontend web go
state frontend stateless
exposure frontend network
image frontend registry.example.org/boutique/frontend:v0.10.2
port frontend 8080/tcp
cpu frontend 100
cpu-limit frontend 200
memory frontend 64
memory-limit frontend 128
replicas frontend 3..3
depends frontend cart
depends frontend checkout
depends frontend productcatalog
ready frontend GET /_healthz on 8080
component cart api go
state cart stateless
exposure cart application
image cart registry.example.org/boutique/cart:v0.10.2
port cart 7070/tcp
cpu cart 200
cpu-limit cart 300
memory cart 64
memory-limit cart 128
depends cart redis-cart
ready cart tcp 7070
component redis-cart cache redis
state redis-cart stateless
exposure redis-cart application
image redis-cart redis:7.4-alpine
port redis-cart 6379/tcp
cpu redis-cart 70
cpu-limit redis-cart 125
memory redis-cart 200
memory-limit redis-cart 256
ready redis-cart tcp 6379
component productcatalog api go
state productcatalog stateless
exposure productcatalog application
image productcatalog registry.example.org/boutique/catalogue:v0.10.2
port productcatalog 3550/tcp
cpu productcatalog 100
memory productcatalog 64
replicas productcatalog 2..2
component checkout api go
state checkout stateless
exposure checkout network
image checkout registry.example.org/boutique/checkout:v0.10.2
port checkout 5050/tcp
depends checkout cart
depends checkout productcatalog
ready checkout tcp 5050
component loadgenerator worker -
state loadgenerator stateless
exposure loadgenerator none
image loadgenerator registry.example.org/boutique/loadgenerator:v0.10.2
cpu loadgenerator 300
cpu-limit loadgenerator 500
memory loadgenerator 256
memory-limit loadgenerator 512
replicas loadgenerator 1..1
depends loadgenerator frontend`,
	"homelab": `
component control compute -
state control stateless
exposure control none
cpu control 2000
memory control 4096
disk control 32
component worker compute -
state worker stateless
exposure worker none
cpu worker 8000
disk worker 65
replicas worker 3..3
component pihole other pihole
state pihole stateful
exposure pihole application
cpu pihole 1000
memory pihole 512
disk pihole 8
component router other -
state router stateless
exposure router none
cpu router 2000
memory router 2048
disk router 16`,
	"flux": `
component ingest api java
state ingest stateless
exposure ingest public
image ingest registry.example.org/flux/ingest-service@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
port ingest 8080/tcp
replicas ingest 2..2
host ingest flux.example.org
depends ingest kafka
ready ingest tcp 8080
component scorer compute python
state scorer stateful
exposure scorer none
image scorer registry.example.org/flux/scoring:2024.11
gpus scorer 1
cpu scorer 1500
memory scorer 4096
memory-limit scorer 6144
volume scorer /models 75
disk scorer 75
replicas scorer 1..1
depends scorer kafka
component kafka queue kafka
state kafka stateful
exposure kafka application
image kafka apache/kafka:3.9.0
port kafka 9092/tcp
port kafka 9093/tcp
volume kafka /var/lib/kafka/data 100
disk kafka 100
replicas kafka 3..3
ready kafka exec sh -c 'nc -z localhost 9092'
component shell other -
state shell stateless
exposure shell application
image shell nicolaka/netshoot:v0.13
component banner web nginx
state banner stateless
exposure banner application
image banner nginx:1.27.3
port banner 80/tcp
replicas banner 1..1`,
	"parcels": `
component api api -
state api stateless
exposure api public
image api registry.example.org/parcels/api:2024.12
port api 8080/tcp
cpu api 50
memory api 96
replicas api 3..3
host api parcels.example.org
depends api store
ready api GET /ready on 8080
component tracker api -
state tracker stateless
exposure tracker application
image tracker registry.example.org/parcels/tracker:2024.12
port tracker 9000/tcp
cpu tracker 200
memory tracker 256
replicas tracker 1..1
depends tracker api
ready tracker GET /ready on 9000
component mailer api -
state mailer stateless
exposure mailer application
image mailer registry.example.org/parcels/mailer:2024.12
port mailer 8025/tcp
cpu mailer 50
memory mailer 96
replicas mailer 2..2
ready mailer GET /ready on 8025
component store cache keydb
state store stateful
exposure store application
image store eqalpha/keydb:x86_64_v6.3.4
port store 6380/tcp
volume store /data 8
disk store 8
replicas store 1..1
ready store tcp 6380
component cleanup job -
state cleanup stateless
exposure cleanup none
image cleanup registry.example.org/parcels/cleanup:2024.12
component migrate job -
state migrate stateless
exposure migrate none
image migrate registry.example.org/parcels/migrate:2024.12`,
	"marche": `
component api api node
state api stateless
exposure api network
port api 4000/tcp
depends api documents
depends api recherche
depends api objets
component taches worker node
state taches stateless
exposure taches none
replicas taches 3..3
depends taches fil
depends taches fil-2
external taches memcached
component administration web node
state administration stateless
exposure administration network
port administration 3000/tcp
depends administration api
component documents database mongodb
state documents stateful
exposure documents application
image documents mongo:7.0
volume documents /data/db -
component fil queue kafka
state fil stateful
exposure fil application
image fil apache/kafka:3.9.0
component fil-2 queue kafka
state fil-2 stateful
exposure fil-2 application
image fil-2 apache/kafka:3.9.0
component recherche database elasticsearch
state recherche stateful
exposure recherche application
image recherche docker.elastic.co/elasticsearch/elasticsearch:8.16.1
volume recherche /usr/share/elasticsearch/data -
component objets storage minio
state objets stateful
exposure objets network
image objets minio/minio:RELEASE.2024-11-07T00-52-20Z
port objets 9001/tcp
volume objets /data -
component mesures monitoring telegraf
state mesures stateless
exposure mesures network
image mesures telegraf:1.32
port mesures 8125/udp`,
	"orders": `
component orders api java
state orders stateless
exposure orders public
image orders registry.example.org/shop/orders:1.7.3
port orders 8080/tcp
port orders 8081/tcp
cpu orders 500
cpu-limit orders 2000
memory orders 768
memory-limit orders 1536
replicas orders 3..12
host orders shop.example.org
depends orders postgres
depends orders redis
external orders rabbitmq
ready orders GET /actuator/health/readiness on 8081
differs orders replicas
differs orders sizing.memory_limit_mib
differs orders environment
component postgres database postgresql
state postgres stateful
exposure postgres network
image postgres postgres:17
port postgres 5432/tcp
volume postgres /var/lib/postgresql/data -
component redis cache redis
state redis stateless
exposure redis application
image redis redis:7.4.1
port redis 6379/tcp
differs redis image`,
}

// Shows: T-3.3.5-202, T-3.3.5-203
//
// TestRepositories holds profiles against what people say of the repositories.
func TestRepositories(t *testing.T) {
	var all score
	for name, truth := range repositoryTruths {
		t.Run(name, func(t *testing.T) {
			profiles, err := New(Input{Payload: payloadOf("fr", nil, applicationOf(t, name))})
			if err != nil {
				t.Fatal(err)
			}
			if len(profiles) != 1 || profiles[0].GetMethod() != "parsed" || profiles[0].GetName() != name {
				t.Fatalf("want one parsed profile named %s, got %v", name, profiles)
			}
			s, missing, extra := compare(strings.Split(strings.TrimSpace(truth), "\n"), lines(profiles[0]))
			all.add(s)
			t.Log(s)
			if s.precision() < 0.95 || s.recall() < 0.95 {
				t.Errorf("want at least 0.95 of both, got %v\nmissing:\n  %s\ntoo much:\n  %s", s, strings.Join(missing, "\n  "), strings.Join(extra, "\n  "))
			}
		})
	}
	t.Logf("all: %v", all)
}
