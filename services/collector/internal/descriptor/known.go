package descriptor

import (
	"proviso.dev/services/collector/internal/descriptor/helm"
	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/kustomize"
	"proviso.dev/services/collector/internal/descriptor/terraform"
)

// known are the parsers of every reading.
var known = parsers{kubernetes: kubernetes.Read, helm: helm.Read, kustomize: kustomize.Read, terraform: terraform.Read}
