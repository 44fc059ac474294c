@echo off
rem Installs from this stick, without any network. Double-click it, or: install.bat [DIRECTORY]
setlocal
rem Whatever starts Python here must not fetch one: that of python.org can.
set "PYTHON_MANAGER_AUTOMATIC_INSTALL=false"
set "PYLAUNCHER_ALLOW_INSTALL="
for %%v in (@PYTHONS@) do (
    py -%%v -c "pass" >nul 2>nul && set "python=py -%%v" && goto found
)
rem One of another version says itself what is missing. Where none is installed, "python" opens the shop of Windows, and
rem fails when it is asked for something.
for %%p in (python python3) do (
    %%p -c "import sys; sys.exit(sys.version_info < (3, 7))" >nul 2>nul && set "python=%%p" && goto found
)
echo error: no Python was found here, and this stick has wheels for Python @PYTHONS@
echo   fix: install one of these (python.org), then the same again
set "status=1"
goto done
:found
%python% "%~dp0install.py" %*
set "status=%errorlevel%"
:done
rem So that the window stays open after a double click.
pause
exit /b %status%
