package profile

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// A noun is a word for a part of an application that names no product.
type noun struct {
	name, role string
	words      string // folded, between bars
	weak       bool   // means a part only when something is said of it
	language   string
	product    string
	products   string // what a name for several stands for, between spaces
	nouns      string // likewise, nouns by name
	gpus       int32
}

var nouns = []noun{
	{name: "web", role: "web", words: "web server|web servers|webserver|webservers|website|web site|websites|site web|sites web|site internet|serveur web|serveurs web|serveur internet|frontend|front end|frontends|front|frontal|web frontend|web front end|web app|web application|webapp|application web|applications web|appli web|web page|page web|portail|portal|interface web|web ui|http server|serveur http|web tier|web|site|shop|online shop|web shop|webshop|online store|boutique|boutique en ligne|blog|wiki|intranet|forum|cms"},
	{name: "web", role: "web", language: "static", words: "static site|static sites|static website|static web site|static page|static pages|static web page|landing page|site statique|sites statiques|site web statique|page statique|pages statiques|site vitrine"},
	{name: "api", role: "api", words: "api|apis|web api|web apis|api web|apis web|rest api|rest apis|api rest|graphql api|api graphql|http api|json api|backend|back end|backends|backend service|backend server|service backend|web service|webservice|service web|microservice|microservices|micro service|application server|serveur d application|serveur applicatif|app server|api server|serveur api|serveur d api|grpc service|service grpc"},
	{name: "app", role: "", weak: true, words: "app|application|appli|service|program|programme"},
	{name: "worker", role: "worker", words: "background worker|background workers|worker process|worker processes|queue worker|queue workers|worker|workers|background job|background jobs|consumer|consumers|consommateur|consommateurs|processus de fond|tache de fond|taches de fond"},
	{name: "job", role: "job", words: "cron job|cronjob|cron jobs|batch job|scheduled task|scheduled job|nightly job|tache planifiee|tache cron|traitement par lots|traitement nocturne|etl job"},
	{name: "job", role: "job", weak: true, words: "job|batch|script|traitement|etl|rapport|report"},
	{name: "database", role: "database", words: "database|databases|db|base de donnees|bases de donnees|bdd|sgbd|sql database|database server|serveur de base de donnees|serveur de bases de donnees|base sql|relational database|data tier"},
	{name: "cache", role: "cache", words: "cache|cache server|serveur de cache|session cache|cache de sessions|cache de session|in memory cache"},
	{name: "queue", role: "queue", words: "message queue|message queues|message broker|job queue|task queue|queue|queues|broker|brokers|file de messages|files de messages|file d attente|courtier de messages|bus de messages|message bus|event bus|file de taches"},
	{name: "proxy", role: "proxy", words: "reverse proxy|proxy inverse|load balancer|loadbalancer|load balancers|repartiteur de charge|repartiteur|equilibreur de charge|api gateway|passerelle api|proxy"},
	{name: "storage", role: "storage", words: "object storage|object store|stockage objet|s3 storage|s3 bucket|file server|file share|serveur de fichiers|partage de fichiers|nas"},
	{name: "monitoring", role: "monitoring", words: "monitoring server|serveur de supervision|serveur de monitoring|metrics server|serveur de metriques"},
	{name: "monitoring", role: "monitoring", weak: true, words: "monitoring|supervision|surveillance|observability|observabilite"},
	{name: "gpu-node", role: "compute", gpus: 1, words: "gpu node|gpu nodes|gpu server|gpu servers|gpu machine|gpu vm|gpu instance|gpu worker|noeud gpu|noeuds gpu|serveur gpu|serveurs gpu|machine gpu|noeud de calcul gpu|gpu analysis node|noeud d analyse gpu|serveur de calcul gpu|vm gpu"},
	{name: "k3s-worker", role: "compute", product: "k3s", words: "k3s worker|k3s workers|k3s worker node|k3s worker nodes|kubernetes worker|kubernetes workers|kubernetes worker node|k8s worker|k3s node|kubernetes node|k3s agent|worker k3s|workers k3s|worker kubernetes|noeud k3s|noeuds k3s|noeud worker|noeuds worker|noeuds workers|noeud worker k3s|noeuds de travail|noeud de travail|noeud de travail k3s|noeud kubernetes|worker node|worker nodes|agent k3s"},
	{name: "k3s-control-plane", role: "compute", product: "k3s", words: "control plane|control plane node|k3s server|k3s control plane|kubernetes control plane|plan de controle|noeud de controle|noeud maitre|master node|serveur k3s"},
	{name: "ci-runner", role: "worker", words: "ci runner|ci runners|runner ci|runners ci|ci cd runner|ci agent|build agent|build agents|build server|build runner|build runners|agent de build|agents de build|serveur de build|serveur d integration continue|agent d integration continue|runner|runners|ci server|serveur ci|machine de build"},
	{name: "tiers", nouns: "web api database", words: "three tier|3 tier|trois tiers|3 tiers|three tiers|trois niveaux|architecture trois tiers"},
	{name: "monitoring-stack", products: "prometheus grafana", words: "monitoring stack|observability stack|metrics stack|stack de monitoring|stack de supervision|pile de supervision|pile de monitoring|stack d observabilite|prometheus stack"},
	{name: "lamp", products: "apache mysql", words: "lamp stack|stack lamp|pile lamp|serveur lamp|lamp server|lamp"},
	{name: "lemp", products: "nginx mysql", words: "lemp stack|stack lemp|pile lemp|serveur lemp|lemp server|lemp"},
	{name: "elk", products: "elasticsearch logstash kibana", words: "elk stack|stack elk|pile elk|elastic stack|elk"},
}

// A phrase is an entry of the vocabulary.
type phrase struct {
	words     []string
	product   *product
	language  *language
	framework *framework
	noun      *noun
	bare      bool // languages and frameworks: the word alone means it
}

// phrases are the entries by their first word, the longest first; of equal ones products go before nouns.
var phrases = sync.OnceValue(func() map[string][]phrase {
	out := map[string][]phrase{}
	add := func(words, name string, p phrase) {
		if words == "-" {
			return
		}
		if words == "" {
			words = name
		}
		for one := range strings.SplitSeq(words, "|") {
			p.words = strings.FieldsFunc(one, func(r rune) bool { return r == ' ' || r == '-' || r == '\'' })
			out[p.words[0]] = append(out[p.words[0]], p)
		}
	}
	for _, p := range products() {
		add(p.words, p.name, phrase{product: p})
	}
	for i := range frameworks {
		add(frameworks[i].words, frameworks[i].name, phrase{framework: &frameworks[i], bare: frameworks[i].bare})
	}
	for i := range languages {
		add(languages[i].words, languages[i].name, phrase{language: &languages[i], bare: languages[i].bare})
	}
	for i := range nouns {
		add(nouns[i].words, nouns[i].name, phrase{noun: &nouns[i]})
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b phrase) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return out
})

func nounNamed(name string) *noun {
	for i := range nouns {
		if nouns[i].name == name {
			return &nouns[i]
		}
	}
	return nil
}

// Words that change what stands beside them.
var (
	negating   = set("without no not sans pas aucun aucune ni never jamais")
	replacing  = set("instead rather lieu plutot replace replaces replacing remplace remplacer remplacant")
	outside    = set("existing external managed hosted existant existante existants externe externes manage managee heberge hebergee")
	naming     = set("named called name nomme nommee nommees appele appelee appelees nom hostname tag tagged template gabarit modele pool namespace ns folder dossier directory repertoire image")
	joining    = set("in en with using avec sous de d written ecrit ecrite developpe developpee built powered type based basee running developed on ecrits")
	indefinite = set("a an un une another autre two deux")
	adding     = set("more additional new extra other autres nouveaux nouvelles supplementaires small large petits petites")
	between    = set("js rest http web small simple petit petite based")
	units      = set("gb go gib mb mo mib tb to tib core cores coeur coeurs vcpu vcpus cpu cpus % users utilisateurs rps replicas replica replique repliques instances instance pods pod nodes noeuds h")
)
