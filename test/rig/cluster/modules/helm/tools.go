//go:build tools

// Package tools pins what the cluster rig builds from this module.
package tools

import (
	_ "helm.sh/helm/v4/cmd/helm"
)
