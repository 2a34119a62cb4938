package profile

// laterSentences were written after the rules had learned from all the others: 117 lines right, 11 missing, 15 too much when first
// heard.
var laterSentences = []sentence{
	{"en", "Could you containerize our Go web API? It listens on 8080, talks to PostgreSQL and should never be public", `
component api api go
port api 8080/tcp
state api stateless
exposure api network
depends api postgresql
component postgresql database postgresql
state postgresql stateful
exposure postgresql application`},
	{"fr", "Il faudrait conteneuriser notre API web en Go : elle écoute sur 8080 et utilise PostgreSQL", `
component api api go
port api 8080/tcp
state api stateless
exposure api application
depends api postgresql
component postgresql database postgresql
state postgresql stateful
exposure postgresql application`},
	{"en", "Give me a GPU server with two GPUs, 32 GB of RAM and Jupyter", `
component gpu-node compute jupyter
gpus gpu-node 2
memory gpu-node 32768
state gpu-node stateful
exposure gpu-node application`},
	{"fr", "Mets en place la mise à l'échelle automatique du frontend, de 2 à 8 réplicas, au-delà de 60 % de CPU", `
component web web -
replicas web 2..8
state web stateless
exposure web none`},
	{"en", "Horizontal autoscaling for nginx: min 3, max 9 replicas, target 65% CPU", `
component nginx web nginx
replicas nginx 3..9
state nginx stateless
exposure nginx application`},
	{"fr", "Un MongoDB, un Redis et un backend NestJS exposé sur api.example.org", `
component mongodb database mongodb
state mongodb stateful
exposure mongodb application
component redis cache redis
state redis stateless
exposure redis application
component api api node
state api stateless
exposure api public
host api api.example.org
depends api mongodb
depends api redis`},
	{"en", "A PHP site on Apache with MariaDB 11.4, about 50 users", `
component apache web apache
state apache stateless
exposure apache application
depends apache mariadb
component mariadb database mariadb
image mariadb mariadb:11.4
state mariadb stateful
exposure mariadb application
cpu apache 100
memory apache 256
cpu mariadb 250
memory mariadb 512`},
	{"fr", "Un worker Celery et une application Django avec RabbitMQ comme broker", `
component worker worker python
state worker stateless
exposure worker none
depends worker rabbitmq
component web web python
state web stateless
exposure web none
depends web rabbitmq
component rabbitmq queue rabbitmq
state rabbitmq stateful
exposure rabbitmq application`},
	{"en", "Run our Rust service every 15 minutes", `
component job job rust
state job stateless
exposure job none
schedule job */15 * * * *`},
	{"fr", "Un Vaultwarden public sur coffre.example.org et un Uptime Kuma interne", `
component vaultwarden web vaultwarden
state vaultwarden stateful
exposure vaultwarden public
host vaultwarden coffre.example.org
component uptime-kuma monitoring uptime-kuma
state uptime-kuma stateful
exposure uptime-kuma network`},
	{"en", "Kafka with three brokers and 200 GB of storage, plus a Java consumer", `
component kafka queue kafka
state kafka stateful
exposure kafka application
replicas kafka 3..3
disk kafka 200
component worker worker java
state worker stateless
exposure worker none
depends worker kafka`},
	{"fr", "Une stack ELK pour nos journaux", `
component elasticsearch database elasticsearch
state elasticsearch stateful
exposure elasticsearch application
component kibana monitoring kibana
state kibana stateless
exposure kibana application
depends kibana elasticsearch
component logstash monitoring logstash
state logstash stateless
exposure logstash application
depends logstash elasticsearch`},
	{"en", "We already have a managed MySQL; deploy our Symfony app on port 9000 in 2 copies", `
component web web php
port web 9000/tcp
state web stateless
exposure web application
replicas web 2..2
external web mysql`},
	{"fr", "Remplace notre Apache par Caddy pour servir un site statique en HTTPS", `
component caddy web caddy
state caddy stateless
exposure caddy application`},
	{"en", "Two VMs: one for the React frontend on port 80, the other for the Express API on port 4000 with MySQL", `
component web web static
port web 80/tcp
state web stateless
exposure web application
depends web api
component api api node
port api 4000/tcp
state api stateless
exposure api application
depends api mysql
component mysql database mysql
state mysql stateful
exposure mysql application`},
	{"fr", "Héberger un wiki BookStack pour 30 utilisateurs avec MariaDB", `
component bookstack web bookstack
state bookstack stateful
exposure bookstack application
depends bookstack mariadb
cpu bookstack 250
memory bookstack 512
component mariadb database mariadb
state mariadb stateful
exposure mariadb application
cpu mariadb 250
memory mariadb 512`},
}
