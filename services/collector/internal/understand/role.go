package understand

// A profile is what Proviso knows of a role: the words for it, the name and the size that a machine of that role gets
// when the request gives none.
type profile struct {
	role      string // "web-server"
	name      string // name of a machine of that role when the request gives none
	cores     int
	memoryMiB int
	critical  bool // the site stops with it: high availability by policy
	// phrases are the words for the role in both languages, singular and plural.
	phrases string
}

// applicationServer is the role of what runs an application of somebody's own.
const applicationServer = "application-server"

// profiles holds the known roles. Sizes are those of a small site, and those of the reference laboratory where it has
// such machines (workers 6 cores and 8 GiB, control planes 2 and 4, AI server 4 and 8, router 2 and 4).
var profiles = []profile{
	{"web-server", "webserver", 2, 2048, false, "web server|web servers|webserver|webservers|serveur web|serveurs web|web|web vm|vm web|web machine|http server|serveur http|serveurs http|site web|web site|website|frontend|front-end|frontends|front end|frontal|frontal web|frontaux web|serveur internet|web node|web nodes"},
	{"reverse-proxy", "proxy", 2, 2048, false, "reverse proxy|reverse proxies|proxy inverse|proxy inverses|mandataire inverse|proxy server|serveur proxy|serveur mandataire|proxy"},
	{"load-balancer", "loadbalancer", 2, 2048, false, "load balancer|load balancers|loadbalancer|repartiteur de charge|repartiteurs de charge|repartiteur|equilibreur de charge|equilibreurs de charge|load-balancer"},
	{"database", "database", 4, 8192, false, "base postgres|base postgresql|base mysql|base mariadb|base mongo|base mongodb|base oracle|base de production|bases postgres|bases mysql|postgres db|mysql db|database|databases|database server|database servers|db|dbs|db server|db servers|sql server|base de donnees|bases de donnees|serveur de base de donnees|serveurs de base de donnees|serveur de bases de donnees|serveurs de bases de donnees|bdd|serveur bdd|serveurs bdd|sgbd|serveur sql|bd|base sql"},
	{applicationServer, "appserver", 2, 4096, false, "application server|application servers|app server|app servers|appserver|serveur d'application|serveurs d'application|serveur d'applications|serveurs d'applications|serveur applicatif|serveurs applicatifs|application|applications|app|apps|backend|back-end|backend server|backends|serveur backend|api server|serveur d'api|serveur api|web api|api|api web|web application|web applications|web app|web apps|webapp|webapps|application web|applications web|appli web"},
	{"cache", "cache", 2, 4096, false, "cache|caches|cache server|cache servers|serveur de cache|serveurs de cache|serveur cache|caching server"},
	{"message-broker", "broker", 2, 4096, false, "message broker|message queue|broker|brokers|file de messages|courtier de messages|serveur de messages|queue server"},
	{"ci-runner", "ci-runner", 4, 8192, false, "ci runner|ci runners|ci|ci/cd|runner|runners|build agent|build agents|build server|build servers|build machine|ci server|ci agent|runner ci|runners ci|agent de build|agents de build|serveur de build|serveur d'integration continue|agent d'integration continue|gitlab runner|gitlab runners|runner gitlab|runners gitlab|github runner|serveur ci|ci/cd runner|machine de build|machine de compilation"},
	{"git-server", "git", 2, 4096, false, "git server|serveur git|forge|git forge|forge logicielle"},
	{"k3s-control-plane", "control-node", 2, 4096, true, "master|masters|maitre kubernetes|control plane vm|control plane|control planes|control-plane|k3s control plane|k3s control planes|kubernetes control plane|kubernetes control planes|k8s control plane|control plane node|control plane nodes|control node|control nodes|k3s server|k3s servers|serveur k3s|serveurs k3s|k3s master|k3s masters|master node|master nodes|kubernetes master|kubernetes masters|noeud maitre|noeuds maitres|plan de controle|plans de controle|noeud de controle|noeuds de controle|plan de controle k3s|plans de controle k3s|plan de controle kubernetes|noeud de controle k3s|noeuds de controle k3s|control plane k3s|control planes k3s|master k3s|masters k3s|noeud master|noeuds masters"},
	{"k3s-worker", "worker-node", 6, 8192, false, "nodes for k3s|nodes for kubernetes|node for k3s|node for kubernetes|noeuds pour k3s|noeud pour k3s|noeuds pour kubernetes|noeud pour kubernetes|noeuds du cluster k3s|worker|workers|worker node|worker nodes|k3s worker|k3s workers|k3s worker node|k3s worker nodes|kubernetes worker|kubernetes workers|kubernetes worker node|kubernetes worker nodes|k8s worker|k8s workers|k8s worker node|k3s node|k3s nodes|kubernetes node|kubernetes nodes|k8s node|k8s nodes|k3s agent|k3s agents|noeud worker|noeuds worker|noeuds workers|worker k3s|workers k3s|worker kubernetes|workers kubernetes|noeud k3s|noeuds k3s|noeud kubernetes|noeuds kubernetes|noeud de travail|noeuds de travail|noeud de travail k3s|noeuds de travail k3s|noeud worker k3s|noeuds worker k3s|noeud ouvrier|agent k3s|agents k3s"},
	{"dns-server", "dns", 1, 1024, false, "dns server|dns servers|serveur dns|serveurs dns|name resolution server"},
	{"mail-server", "mail", 2, 4096, false, "mail server|mail servers|email server|serveur mail|serveur de mail|serveur de messagerie|serveur de courrier|serveurs de messagerie|smtp server|serveur smtp"},
	{"monitoring", "monitoring", 2, 4096, false, "monitoring|monitoring server|monitoring servers|serveur de monitoring|serveur de supervision|serveurs de supervision|supervision|surveillance|serveur de surveillance|metrics server|observability server"},
	{"logging", "logs", 4, 8192, false, "log server|logging server|syslog server|serveur de logs|serveur de journaux|serveur de journalisation|serveur syslog"},
	{"gpu-node", "gpu-node", 8, 16384, false, "gpu node|gpu nodes|gpu server|gpu servers|gpu machine|gpu vm|noeud gpu|noeuds gpu|serveur gpu|serveurs gpu|machine gpu|gpu analysis node|gpu analysis nodes|noeud d'analyse gpu|noeuds d'analyse gpu|analysis node|noeud d'analyse|serveur de calcul gpu|gpu worker"},
	{"ai-server", "ai-server", 4, 8192, true, "ai server|ai servers|ai-server|serveur ia|serveurs ia|serveur d'ia|serveur d'intelligence artificielle|llm server|inference server|serveur d'inference|serveur llm|machine ia|ml server|machine learning server"},
	{"file-server", "fileserver", 2, 4096, false, "file server|file servers|fileserver|file storage|file share|serveur de fichiers|serveurs de fichiers|stockage de fichiers|partage de fichiers|nas|nfs server|serveur nfs|samba server|serveur samba|serveur de partage"},
	{"media-server", "mediaserver", 4, 8192, false, "media server|media servers|media storage|mediaserver|serveur multimedia|serveurs multimedia|serveur media|serveur de medias|stockage multimedia|stockage de medias|stockage media|media library|mediatheque|streaming server|serveur de streaming|video storage|stockage video"},
	{"backup-server", "backup", 2, 4096, false, "backup server|backup servers|serveur de sauvegarde|serveurs de sauvegarde|serveur de backup"},
	{"jump-host", "jumphost", 1, 1024, false, "jump host|jump hosts|jumphost|jump box|jump server|jump vm|bastion|bastions|bastion host|bastion server|hote de rebond|serveur de rebond|machine de rebond|vm de rebond|rebond|serveur bastion|hote bastion"},
	{"vpn-server", "vpn", 1, 1024, false, "vpn server|vpn|serveur vpn|vpn gateway|passerelle vpn|concentrateur vpn"},
	{"router", "router", 2, 4096, true, "router|routers|routeur|routeurs|router vm|vm routeur|vm router|virtual router|routeur virtuel|firewall vm|firewall appliance|vm pare-feu"},
	{"registry", "registry", 2, 4096, false, "container registry|image registry|docker registry|registre de conteneurs|registre d'images|registry server"},
	{"desktop", "desktop", 2, 4096, false, "desktop|desktops|desktop vm|workstation|workstations|poste de travail|postes de travail|bureau virtuel|bureaux virtuels|virtual desktop"},
}

// programs are the programs that requests name, and the role that a machine for them has; empty when it says nothing
// about the machine.
var programs = []struct{ role, phrases string }{
	{"web-server", "nginx|apache|apache2|httpd|lighttpd|wordpress|drupal|joomla|php|caddy|iis|lamp|lemp|prestashop|magento|moodle"},
	{"load-balancer", "haproxy"},
	{"reverse-proxy", "traefik|envoy|squid"},
	{"database", "postgres|postgresql|pgsql|mysql|mariadb|mongodb|mongo|mssql|cassandra|couchdb|clickhouse|influxdb|elasticsearch|opensearch|cockroachdb|oracle database|sqlite|timescaledb"},
	{"cache", "redis|memcached|valkey|varnish|keydb"},
	{"message-broker", "rabbitmq|kafka|nats|mosquitto|activemq"},
	{"ci-runner", "jenkins|drone ci|teamcity|woodpecker|buildkite"},
	{"git-server", "gitlab|gitea|forgejo|gogs"},
	{applicationServer, "tomcat|wildfly|jboss|nodejs|node.js|django|flask|rails|spring boot|odoo|keycloak|nextjs|fastapi|laravel|symfony|glassfish|home assistant"},
	{"monitoring", "prometheus|grafana|zabbix|nagios|icinga|centreon|alertmanager|uptime kuma"},
	{"logging", "loki|graylog|logstash|kibana|elk|fluentd"},
	{"dns-server", "bind9|pihole|pi-hole|unbound|powerdns|dnsmasq|adguard|technitium"},
	{"file-server", "nextcloud|samba|nfs|minio|owncloud|seafile|truenas|openmediavault"},
	{"media-server", "jellyfin|plex|emby|kodi"},
	{"mail-server", "postfix|dovecot|exim|mailcow|zimbra"},
	{"vpn-server", "wireguard|openvpn|strongswan|ipsec"},
	{"router", "opnsense|pfsense|vyos|openwrt"},
	{"ai-server", "ollama|vllm|pytorch|tensorflow|jupyter|jupyterhub"},
	{"registry", "harbor|nexus"},
	{"", "docker|podman|java|python|ansible|docker engine|certbot|rust|golang|vault|git|cloud-init"},
}

// systems are the operating systems that requests name, with the code names of their releases.
var systems = []struct{ system, phrases string }{
	{"ubuntu", "ubuntu|ubuntu server|ubuntu lts|ubuntu linux"},
	{"ubuntu 24.04", "noble|ubuntu noble|noble numbat"}, {"ubuntu 22.04", "jammy|ubuntu jammy"}, {"ubuntu 20.04", "focal|ubuntu focal"},
	{"debian", "debian|debian linux|debian gnu/linux"},
	{"debian 13", "trixie|debian trixie"}, {"debian 12", "bookworm|debian bookworm"}, {"debian 11", "bullseye|debian bullseye"},
	{"rocky", "rocky|rocky linux|rockylinux"}, {"alma", "almalinux|alma linux|alma"}, {"centos", "centos|centos stream"},
	{"fedora", "fedora|fedora server"}, {"rhel", "rhel|red hat|redhat|red hat enterprise linux"}, {"suse", "suse|opensuse|sles"},
	{"arch", "archlinux|arch linux"}, {"alpine", "alpine|alpine linux"}, {"freebsd", "freebsd"},
	{"windows", "windows|windows server"}, {"flatcar", "flatcar"}, {"talos", "talos|talos linux"},
}

// roleOf returns the profile of a role.
func roleOf(role string) (profile, bool) {
	for _, p := range profiles {
		if p.role == role {
			return p, true
		}
	}
	return profile{}, false
}

// roleRows are the profiles, programs and systems as rows of the vocabulary.
func roleRows() []vocable {
	var rows []vocable
	for _, p := range profiles {
		rows = append(rows, vocable{clRole, p.role, 0, p.phrases})
	}
	for _, p := range programs {
		rows = append(rows, vocable{clSoftware, p.role, 0, p.phrases})
	}
	for _, s := range systems {
		rows = append(rows, vocable{clOS, s.system, 0, s.phrases})
	}
	return rows
}
