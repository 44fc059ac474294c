# Installs from this stick, without any network: powershell -ExecutionPolicy Bypass -File install.ps1 [DIRECTORY]
# Whatever starts Python here must not fetch one: that of python.org can.
$env:PYTHON_MANAGER_AUTOMATIC_INSTALL = 'false'
$env:PYLAUNCHER_ALLOW_INSTALL = $null
$script = Join-Path $PSScriptRoot 'install.py'
foreach ($version in '@PYTHONS@'.Split(' ')) {
    if (Get-Command py -ErrorAction SilentlyContinue) {
        & py "-$version" -c 'pass' 2>$null | Out-Null
        if ($LASTEXITCODE -eq 0) {
            & py "-$version" $script @args
            exit $LASTEXITCODE
        }
    }
}
# One of another version says itself what is missing. Where none is installed, "python" opens the shop of Windows, and
# fails when it is asked for something.
foreach ($python in 'python', 'python3') {
    if (Get-Command $python -ErrorAction SilentlyContinue) {
        & $python -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>$null | Out-Null
        if ($LASTEXITCODE -eq 0) {
            & $python $script @args
            exit $LASTEXITCODE
        }
    }
}
Write-Output 'error: no Python was found here, and this stick has wheels for Python @PYTHONS@'
Write-Output '  fix: install one of these (python.org), then the same command again'
exit 1
