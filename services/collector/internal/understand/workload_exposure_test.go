package understand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// How a workload is reached, its namespace, and images with a registry or a bare name, in both languages. What in the summary
// stands in brackets is assumed.
func TestWorkloadExposure(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for want, texts := range map[string][]string{
		"name=redis image=redis:7 replicas=(1) port=6379 exposure=cluster namespace=(default)": {
			"deploy redis:7 to the k3s cluster, cluster-internal only, port 6379", "déploie redis:7 sur le cluster k3s, en interne seulement, port 6379",
			"deploy redis:7 on k3s, inside the cluster, port 6379", "déploie redis:7 sur k3s, port 6379, pas accessible de l'extérieur"},
		"name=nginx image=nginx:1.27 replicas=(1) port=80 exposure=load-balancer namespace=(default)": {
			"deploy nginx:1.27 on k8s, port 80, reachable on the LAN", "deploy nginx:1.27 on k8s, port 80, reachable from outside", "deploy nginx:1.27 on kubernetes, port 80, public",
			"déploie nginx:1.27 sur kubernetes, port 80, accessible sur le réseau local", "déploie nginx:1.27 sur k8s, port 80, joignable de l'extérieur", "déploie nginx:1.27 sur k8s, port 80, accessible publiquement"},
		"name=shop image=shop:1.0 replicas=(1) exposure=ingress host=shop.example.org namespace=(default)": {
			"deploy shop:1.0 on k3s, public under shop.example.org"},
		"name=grafana image=grafana/grafana:11.2.0 replicas=(1) port=3000 namespace=monitoring": {
			"deploy grafana/grafana:11.2.0 on k3s in the monitoring namespace, container port 3000", "déploie grafana/grafana:11.2.0 sur k3s dans l'espace de noms monitoring, port 3000"},
		"name=shop image=registry.local:5000/team/shop:1.2 replicas=2 port=8443 exposure=load-balancer namespace=(default)": {
			"run registry.local:5000/team/shop:1.2 on kubernetes, 2 replicas, reachable from outside on port 8443"},
		"name=nginx image=nginx:1.27 replicas=(1) namespace=(default) | name=redis image=redis:7 replicas=(1) exposure=cluster namespace=(default)": {
			"deploy nginx:1.27 and redis:7 on kubernetes, redis not reachable from outside"},
	} {
		for _, text := range texts {
			u := r.Understand(Request{ID: "r", Text: text}, snap)
			if diff := cmp.Diff(want, workloadSummary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
		}
	}
}

// The version that is chosen for a program is said to be an assumption, and what a workload cannot say is named.
func TestWorkloadNotices(t *testing.T) {
	for text, want := range map[string]string{
		"deploy nginx on kubernetes":                                             "nginx:stable is an assumption",
		"déploie nginx sur kubernetes":                                           "nginx:stable est une hypothèse",
		"deploy postgres:16 on kubernetes with env POSTGRES_DB=shop, a volume":   "environment variables and volumes",
		"déploie postgres:16 sur kubernetes avec un volume et une limite de cpu": "les volumes et les limites de ressources",
	} {
		u := New(proxmox()).Understand(Request{ID: "r", Text: text}, lab())
		if got := strings.Join(u.GetNotices(), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in %q", text, want, got)
		}
	}
}
