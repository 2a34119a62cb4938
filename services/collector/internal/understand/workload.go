package understand

import (
	"fmt"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Workload is something that shall run on Kubernetes.
type Workload struct {
	Name      Value[string]
	Image     Value[string]
	Replicas  Value[int]
	Port      Value[int]
	Exposure  Value[string] // as in the contract
	Host      Value[string]
	Namespace Value[string]

	versionAssumed bool // no version of the image was named
	public         bool // it is to be reached by the public, which a host name makes an ingress
}

// publicImages are the images that are taken for programs, with the port that they listen on; tags are those under which the
// projects publish a maintained version.
var publicImages = map[string]struct {
	image string
	port  int
}{
	"nginx": {"nginx:stable", 80}, "apache": {"httpd:2.4", 80}, "apache2": {"httpd:2.4", 80}, "httpd": {"httpd:2.4", 80}, "caddy": {"caddy:2", 80},
	"haproxy": {"haproxy:lts", 80}, "traefik": {"traefik:v3", 80}, "wordpress": {"wordpress:6", 80}, "drupal": {"drupal:10", 80}, "joomla": {"joomla:5", 80},
	"postgres": {"postgres:16", 5432}, "postgresql": {"postgres:16", 5432}, "pgsql": {"postgres:16", 5432}, "mysql": {"mysql:8.4", 3306}, "mariadb": {"mariadb:lts", 3306},
	"mongodb": {"mongo:7", 27017}, "mongo": {"mongo:7", 27017}, "influxdb": {"influxdb:2", 8086}, "redis": {"redis:7", 6379}, "memcached": {"memcached:1", 11211},
	"valkey": {"valkey/valkey:8", 6379}, "rabbitmq": {"rabbitmq:3", 5672}, "nats": {"nats:2", 4222}, "mosquitto": {"eclipse-mosquitto:2", 1883},
	"jenkins": {"jenkins/jenkins:lts", 8080}, "gitea": {"gitea/gitea:1", 3000}, "tomcat": {"tomcat:10", 8080}, "prometheus": {"prom/prometheus:latest", 9090},
	"grafana": {"grafana/grafana:latest", 3000}, "nextcloud": {"nextcloud:stable", 80}, "minio": {"minio/minio:latest", 9000}, "odoo": {"odoo:17", 8069},
}

// workloads writes workloads in the wire's terms.
func (c *converter) workloads(ks []Workload) {
	for i, k := range ks {
		c.path = fmt.Sprintf("workloads[%d]", i)
		c.out.Workloads = append(c.out.Workloads, &provisov1.Workload{
			Name: str(c, "name", k.Name), Image: str(c, "image", k.Image), Replicas: num(c, "replicas", k.Replicas), Port: num(c, "port", k.Port),
			Exposure: str(c, "exposure", k.Exposure), Host: str(c, "host", k.Host), Namespace: str(c, "namespace", k.Namespace),
		})
	}
}

// workloads writes the rows of workloads.
func (t *table) workloads(ks []Workload) {
	for i, k := range ks {
		t.path = fmt.Sprintf("workloads[%d].", i)
		if len(ks) > 1 {
			t.prefix = guestText(t.lang, "label.workload", "n", i+1) + " · "
		}
		add := func(path string, v Value[string], shown string) {
			if v.Has() {
				t.guestRow(path, "workload_"+path, shown, v.Origin, evidence(t.lang, v))
			}
		}
		number := func(path string, v Value[int]) {
			add(path, Value[string]{Origin: v.Origin, Text: v.Text, Reason: v.Reason}, strconv.Itoa(v.V))
		}
		add("name", k.Name, k.Name.V)
		add("image", k.Image, quoteText(k.Image.V))
		number("replicas", k.Replicas)
		number("port", k.Port)
		if k.Exposure.Has() {
			add("exposure", k.Exposure, guestText(t.lang, "exposure."+k.Exposure.V))
		}
		add("host", k.Host, k.Host.V)
		add("namespace", k.Namespace, k.Namespace.V)
	}
	t.path, t.prefix = "", ""
}

// workloadsText names workloads in one sentence.
func workloadsText(lang string, ks []Workload) string {
	var out []string
	for _, k := range ks {
		what := guestText(lang, "workload.unnamed")
		if k.Image.Has() {
			what = quoteText(k.Image.V)
		} else if k.Name.Has() {
			what = k.Name.V
		}
		what += ", " + replicasText(lang, k.Replicas.V)
		if k.Port.Has() {
			what += ", port " + strconv.Itoa(k.Port.V)
		}
		if k.Exposure.Has() {
			what += ", " + guestText(lang, "exposure."+k.Exposure.V)
		}
		if k.Host.Has() {
			what += ", " + k.Host.V
		}
		out = append(out, what)
	}
	return strings.Join(out, guestText(lang, "workload.separator"))
}

// workload understands workloads where they can be planned, and refuses them elsewhere, beside the intent and the table of what was understood.
func (r *Reasoner) workload(req Request, lang string, x *index, origin Origin) *provisov1.Understanding {
	var in *Intent
	if req.Intent != nil && strings.TrimSpace(req.Text) == "" {
		in = typed(req.Intent)
	} else {
		in = &Intent{}
		in.Workloads, in.NotUnderstood = readWorkloads(req.Text, x, lang, origin)
	}
	if out, ok := r.plannable(req, lang, x, in); ok {
		return out
	}
	gd := &grounded{Intent: in}
	if len(in.Groups) > 0 {
		gd = ground(in, x, lang)
	}
	message := guestText(lang, "refusal.workload", "what", workloadsText(lang, in.Workloads))
	return &provisov1.Understanding{
		Language: lang, Kind: kindProvision, Refusal: &provisov1.Refusal{Code: "workload_unsupported", Message: clip(message, 2000)},
		Intent: convert(gd, req.ID, lang, req.Cluster, goalOf(req)), Interpretation: interpretation(gd, lang),
		Checks: r.checks(lang, route{kind: kindProvision, enough: true}), Notices: workloadNotices(req.Text, in.Workloads, lang),
	}
}

// typedWorkloads reads the workloads that another service asks for.
func (t reader) typedWorkloads(ks []*provisov1.Workload) []Workload {
	var out []Workload
	for i, k := range ks {
		t.path = fmt.Sprintf("workloads[%d].", i)
		out = append(out, Workload{
			Name: given(t, "name", k.Name != nil, k.GetName()), Image: given(t, "image", k.Image != nil, k.GetImage()),
			Replicas: given(t, "replicas", k.Replicas != nil, int(k.GetReplicas())), Port: given(t, "port", k.Port != nil, int(k.GetPort())),
			Exposure: given(t, "exposure", k.Exposure != nil, k.GetExposure()), Host: given(t, "host", k.Host != nil, k.GetHost()),
			Namespace: given(t, "namespace", k.Namespace != nil, k.GetNamespace()),
		})
	}
	return out
}

// replicasText writes a number of replicas; French has none and one in the singular.
func replicasText(lang string, n int) string {
	if n == 1 || n == 0 && lang == i18n.French {
		return guestText(lang, "replicas.one", "n", n)
	}
	return guestText(lang, "replicas.many", "n", n)
}
